// title: Every USES_BANK_CARD record once
// answers: Holds record_id unique among USES_BANK_CARD relationships, and finds by it.
// access: write
CREATE CONSTRAINT graphrisk_uses_bank_card IF NOT EXISTS
FOR ()-[r:USES_BANK_CARD]-() REQUIRE r.record_id IS UNIQUE
