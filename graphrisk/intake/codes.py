"""Why a row was set aside, and what was changed on the way in: stable codes and their texts.

Programs match on the codes, people read the texts, and the data dictionary prints both.
"""

from __future__ import annotations

from enum import StrEnum

from graphrisk.intake.spec import ColumnSpec


class FaultCode(StrEnum):
    """Why a row is in the quarantine."""

    MISSING_VALUE = "missing_value"
    WRONG_TYPE = "wrong_type"
    BAD_UTF8 = "bad_utf8"
    CONTROL_CHARACTER = "control_character"
    ID_TOO_LONG = "id_too_long"
    ID_NOT_TEXT = "id_not_text"
    MIXED_SCRIPT = "mixed_script"
    NOT_IN_VOCABULARY = "not_in_vocabulary"
    BAD_TIME = "bad_time"
    FUTURE_TIME = "future_time"
    TIME_OUT_OF_ORDER = "time_out_of_order"
    NEGATIVE_AMOUNT = "negative_amount"
    AMOUNT_WITHOUT_CURRENCY = "amount_without_currency"
    BAD_CURRENCY = "bad_currency"
    EXCESS_DECIMALS = "excess_decimals"
    WEIGHT_OUT_OF_RANGE = "weight_out_of_range"
    SELF_LINK = "self_link"
    DANGLING_REFERENCE = "dangling_reference"
    AMBIGUOUS_REFERENCE = "ambiguous_reference"
    CONFLICTING_KEY = "conflicting_key"
    RAGGED_ROW = "ragged_row"
    REPEATED_HEADER = "repeated_header"
    STRAY_QUOTE = "stray_quote"
    ROWS_IN_CELL = "rows_in_cell"


class NoLink(StrEnum):
    """Why an accepted row ties nobody to anybody: its value stands for no single thing."""

    PLACEHOLDER = "placeholder"
    REPEATED_DIGIT = "repeated_digit"
    MASKED = "masked_value"
    NOT_PUBLIC = "not_public_address"
    FAILED_CHECK_DIGIT = "failed_check_digit"
    MALFORMED = "malformed_value"


class Normalised(StrEnum):
    """What was changed in cells that were accepted. Each change is counted per column."""

    TRIMMED = "trimmed"
    NFKC = "nfkc"
    CASE_FOLDED = "case_folded"
    TRANSLATED = "translated"
    BOM = "bom"
    HEADER_SPELLING = "header_spelling"
    SPREADSHEET_GUARD = "spreadsheet_guard"
    NAIVE_TIME_READ_AS_UTC = "naive_time_read_as_utc"
    EPOCH_READ = "epoch_read"
    SENTINEL_TIME_MISSING = "sentinel_time_missing"
    ROUNDED_HALF_EVEN = "rounded_half_even"
    REPEATED_HOUR_READ_AS_FIRST = "repeated_hour_read_as_first"
    SEPARATORS_REMOVED = "separators_removed"
    PHONE_FORM = "phone_form"
    IP_FORM = "ip_form"
    EMAIL_FORM = "email_form"
    BANK_CARD_FORM = "bank_card_form"
    ID_DOCUMENT_FORM = "id_document_form"
    DEVICE_FORM = "device_form"
    ADDRESS_FORM = "address_form"
    PHONE_WITHOUT_COUNTRY = "phone_without_country"
    OPAQUE_IDENTIFIER = "opaque_identifier"
    LABEL_WITHOUT_SOURCE = "label_without_source"


#: What each fault means and what to do about it: the ``reason`` of a quarantined row.
FAULT_TEXTS: dict[FaultCode, str] = {
    FaultCode.MISSING_VALUE: "the cell is empty, and this column needs a value in every row; "
    "supply it",
    FaultCode.WRONG_TYPE: "not a number of the expected form; write minor units in digits, such as "
    "1250, and other numbers with a point, such as 0.25",
    FaultCode.BAD_UTF8: "the bytes are not valid UTF-8; save the file as UTF-8",
    FaultCode.CONTROL_CHARACTER: "holds a control or invisible character; remove it",
    FaultCode.ID_TOO_LONG: "longer than 256 characters; check the column, and the quotes before it",
    FaultCode.ID_NOT_TEXT: "looks like an id that went through a number, and may have lost "
    "digits, or like a formula that failed; export the column as text",
    FaultCode.MIXED_SCRIPT: "mixes Latin with Cyrillic or Greek letters that look alike; "
    "check the id at its source",
    FaultCode.NOT_IN_VOCABULARY: "not a known word; correct it, or translate it in the mapping",
    FaultCode.BAD_TIME: "not a time; write ISO 8601 with an offset, such as 2024-05-01T12:30:00Z",
    FaultCode.FUTURE_TIME: "lies more than five minutes after the moment of reading; check the "
    "clock or the time zone of the source",
    FaultCode.TIME_OUT_OF_ORDER: "lies before the time that it should follow; check both",
    FaultCode.NEGATIVE_AMOUNT: "the amount is negative; write amounts as zero or more",
    FaultCode.AMOUNT_WITHOUT_CURRENCY: "there is an amount and no currency; supply the currency",
    FaultCode.BAD_CURRENCY: "not a currency code of ISO 4217 with minor units, such as EUR; "
    "correct it, or declare decimals in the mapping where there is no currency (XXX)",
    FaultCode.EXCESS_DECIMALS: "has more decimals than its currency; correct the amount, or "
    "declare decimals in the mapping to have amounts rounded",
    FaultCode.WEIGHT_OUT_OF_RANGE: "not a number from 0 to 1; scale the column",
    FaultCode.SELF_LINK: "both ends are the same entity; a link needs two",
    FaultCode.DANGLING_REFERENCE: "names an entity that no table lists; supply it, or correct "
    "the id",
    FaultCode.AMBIGUOUS_REFERENCE: "several kinds of entity have this id; supply the kind",
    FaultCode.CONFLICTING_KEY: "another row has the same key with other content; the one with "
    "the newest event time was kept",
    FaultCode.RAGGED_ROW: "the row has more or fewer cells than the header",
    FaultCode.REPEATED_HEADER: "the header once more, as where files were put end to end; take "
    "it out, and look whether the rows below it are from the same export",
    FaultCode.STRAY_QUOTE: "a cell goes on behind its closing quote; double the quotes inside a "
    "cell that is quoted",
    FaultCode.ROWS_IN_CELL: "a quoted cell runs over lines that look like rows of their own, so "
    "a quote was probably left open; close it, and no row is lost",
}

#: Faults that are found before a row is taken apart into cells.
UNREAD_CODES = (
    FaultCode.RAGGED_ROW,
    FaultCode.REPEATED_HEADER,
    FaultCode.STRAY_QUOTE,
    FaultCode.ROWS_IN_CELL,
)

#: Why a row was accepted and makes no link.
NO_LINK_TEXTS: dict[NoLink, str] = {
    NoLink.PLACEHOLDER: "stands for no one in particular: a word for nothing, a published test "
    "value, or what many devices say alike; supply the true value, or leave the row out",
    NoLink.REPEATED_DIGIT: "one digit over and over, as people type to get past a form; supply "
    "the true value, or leave the row out",
    NoLink.MASKED: "was masked before it was exported, so that different values look the same; "
    "export it whole, or as a keyed hash",
    NoLink.NOT_PUBLIC: "an address that is private, local, reserved or for documentation, so "
    "many places have it; record the public address that the request came from",
    NoLink.FAILED_CHECK_DIGIT: "its check digit does not hold, so it was mistyped or made up; "
    "check it at its source",
    NoLink.MALFORMED: "cannot be a value of its kind; check the column, and the kind",
}

NORMALISED_TEXTS: dict[Normalised, str] = {
    Normalised.TRIMMED: "white space around the value was removed",
    Normalised.NFKC: "full-width and other compatibility characters were made plain (NFKC)",
    Normalised.CASE_FOLDED: "the letters were put in the expected case",
    Normalised.TRANSLATED: "the value was translated as the mapping says",
    Normalised.BOM: "a byte order mark at the start of the file was skipped",
    Normalised.HEADER_SPELLING: "the name of the column differs from the expected one in capitals, "
    "spaces or hyphens only",
    Normalised.SPREADSHEET_GUARD: "what keeps a spreadsheet from reading an id as a number or a "
    'formula was removed: ="…" around it, or an apostrophe before it',
    Normalised.NAIVE_TIME_READ_AS_UTC: "a time without an offset was read as UTC, as no time "
    "zone was declared",
    Normalised.EPOCH_READ: "a count since 1970 was read as a time",
    Normalised.SENTINEL_TIME_MISSING: "a time before 1971 or after 2200 was read as missing",
    Normalised.ROUNDED_HALF_EVEN: "an amount in major units was rounded to minor units",
    Normalised.REPEATED_HOUR_READ_AS_FIRST: "a local time in the hour that a clock change "
    "repeats was read as the first of the two",
    Normalised.SEPARATORS_REMOVED: "the declared separators of thousands and decimals were read",
    Normalised.PHONE_FORM: "a telephone number was written as + and digits (E.164)",
    Normalised.IP_FORM: "an IP address was written in its shortest form, without port or zone",
    Normalised.EMAIL_FORM: "an e-mail address was put in lower case",
    Normalised.BANK_CARD_FORM: "spaces and hyphens were taken out of a card number",
    Normalised.ID_DOCUMENT_FORM: "a document number was put in capitals, without spaces and "
    "hyphens",
    Normalised.DEVICE_FORM: "a UUID or MAC was put in lower case, an IMEI in plain digits",
    Normalised.ADDRESS_FORM: "white space inside an address was made single",
    Normalised.PHONE_WITHOUT_COUNTRY: "a telephone number has no country and the mapping declares "
    "no phone_region, so it was kept as its digits",
    Normalised.OPAQUE_IDENTIFIER: "an identifier has not the form of its kind, as tokens and "
    "keyed hashes have not, and was kept as it is",
    Normalised.LABEL_WITHOUT_SOURCE: "a label names no source: nobody can be asked about it",
}


def reason(code: FaultCode | NoLink, column: ColumnSpec | None = None) -> str:
    """Return the text for a fault, with the allowed words or the time to follow named."""
    text = NO_LINK_TEXTS[code] if isinstance(code, NoLink) else FAULT_TEXTS[code]
    if column is None:
        return text
    if code is FaultCode.NOT_IN_VOCABULARY and column.vocabulary:
        return f"{text}; expected one of: {', '.join(column.vocabulary)}"
    if code is FaultCode.NOT_IN_VOCABULARY:
        return f"{text}; expected lower-case letters, digits and underscores, such as uses_device"
    if code is FaultCode.TIME_OUT_OF_ORDER and column.not_before:
        return f"lies before {column.not_before} in the same row; check both times"
    return text
