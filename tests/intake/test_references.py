"""A row may only name entities that exist; nothing is made up for one that does not."""

from graphrisk.model.kinds import IDENTIFIER_KINDS

TRANSFERS = "from_account_id,to_account_id,at"


def test_a_row_that_names_an_unlisted_account_is_set_aside(folder):
    folder.write("transfers", TRANSFERS, "a1,a2,2024-01-01")
    dataset = folder.read()
    assert dataset.quarantine.select("column", "code").rows() == [
        ("to_account_id", "dangling_reference")
    ]
    assert "no table lists" in dataset.quarantine["reason"][0]
    assert dataset.tables["accounts"].height == 1


def test_a_quarantined_account_makes_its_rows_dangling_and_says_so(folder):
    folder.write("accounts", "account_id,opened_at", "a1,", "a2,soon")
    folder.write("transfers", TRANSFERS, "a1,a2,2024-01-01")
    dataset = folder.read()
    (reason,) = dataset.quarantine.filter(code="dangling_reference")["reason"]
    assert "own row was quarantined" in reason


def test_an_account_that_lost_a_conflict_still_exists(folder):
    folder.write("accounts", "account_id,status", "a1,open", "a1,closed", "a2,open")
    folder.write("transfers", TRANSFERS, "a1,a2,2024-01-01")
    assert folder.codes() == ["conflicting_key"]


def test_devices_and_lenders_are_checked_only_when_some_table_lists_them(folder):
    folder.write("identifiers", "account_id,kind,value", "a1,device,d1", "a1,device,d2")
    folder.write("applications", "application_id,account_id,lender_id,applied_at",
                 "p1,a1,l1,2024-01-01", "p2,a1,l2,2024-01-01")  # fmt: skip
    folder.write("labels", "entity_kind,entity_id,label", "device,d2,bad", "lender,l2,good")
    assert folder.codes() == []
    folder.write("devices", "device_id", "d1").write("lenders", "lender_id", "l1")
    assert folder.faults() == [
        ("applications.csv", 3, "lender_id", "dangling_reference"),
        ("identifiers.csv", 3, "value", "dangling_reference"),
        ("labels.csv", 2, "entity_id", "dangling_reference"),
        ("labels.csv", 3, "entity_id", "dangling_reference"),
    ]


def test_values_need_no_row_of_their_own(folder):
    kinds = [kind for kind in IDENTIFIER_KINDS if kind != "device"]
    folder.write("labels", "entity_kind,entity_id,label", *[f"{kind},x,bad" for kind in kinds])
    folder.write("links", "source_id,target_id,relation,target_kind", "a1,x,uses_ip,ip")
    dataset = folder.read()
    assert dataset.quarantine.is_empty()
    assert dataset.tables["links"].select("source_kind", "target_kind").rows() == [
        ("account", "ip")
    ]


def test_other_kinds_must_be_listed(folder):
    folder.write("labels", "entity_kind,entity_id,label", "person,p1,bad")
    assert folder.codes() == ["dangling_reference"]
    folder.write("entities", "entity_id,kind", "p1,person")
    assert folder.codes() == []


def test_kinds_that_were_not_supplied_are_looked_up_in_either_layout(folder):
    folder.write("entities", "entity_id,kind", "a2,account", "d1,device", "w1,worker")
    folder.write("links", "source_id,target_id,relation", "a1,d1,uses", "a2,w1,knows")
    folder.write("labels", "entity_id,label", "w1,bad", "a1,good")
    dataset = folder.read()
    assert dataset.tables["links"].select("source_kind", "target_kind").rows() == [
        ("account", "device"),
        ("account", "worker"),
    ]
    assert dataset.tables["labels"]["entity_kind"].to_list() == ["worker", "account"]


def test_an_id_that_no_table_lists_tells_no_kind(folder):
    folder.write("labels", "entity_id,label", "555-0199,bad")
    (reason,) = folder.read().quarantine["reason"]
    assert "supply its kind" in reason


def test_an_id_with_several_kinds_needs_its_kind_said(folder):
    folder.write("entities", "entity_id,kind", "7,person", "7,company", "8,person")
    folder.write("labels", "entity_kind,entity_id,label", ",7,bad", "person,7,bad", "company,8,bad")
    assert folder.faults() == [
        ("labels.csv", 2, "entity_id", "ambiguous_reference"),
        ("labels.csv", 4, "entity_id", "dangling_reference"),
    ]


def test_a_faulty_kind_is_reported_once(folder):
    folder.write("labels", "entity_kind,entity_id,label", "not a kind,x,bad", "account,a1,bad")
    assert folder.codes() == ["not_in_vocabulary"]


def test_no_link_from_an_entity_to_itself(folder):
    folder.write("entities", "entity_id,kind", "7,person", "7,company")
    folder.write("transfers", TRANSFERS, "a1,a1,2024-01-01")
    folder.write("guarantees", "guarantor_id,borrower_id", "a1,a1")
    folder.write("links", "source_id,target_id,relation,source_kind,target_kind",
                 "7,7,owns,person,company", "7,7,owns,person,person")  # fmt: skip
    assert folder.faults() == [
        ("guarantees.csv", 2, "borrower_id", "self_link"),
        ("links.csv", 3, "target_id", "self_link"),
        ("transfers.csv", 2, "to_account_id", "self_link"),
    ]
