// title: Every device once
// answers: Holds device_id unique among Device nodes, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_device IF NOT EXISTS
FOR (n:Device) REQUIRE n.device_id IS UNIQUE
