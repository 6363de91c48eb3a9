//! Mistakes that a machine found: it changed our own server in 3,067 places, one at a
//! time, and looked which of those servers passed. They had the last of a kind, its
//! capitals, or a second read, where the checks had a list.

use super::Area::*;
use super::Entry;
use super::{FROM_5, PART_6, entry};

pub const FOUND: &[Entry] = &[
    entry("z-is-no-letter", FROM_5, Host, "(b'a'..b'z').contains(&byte)"),
    entry("9-is-no-digit", FROM_5, Host, "range(ord(\"0\"), ord(\"9\"))"),
    entry("twenty-seven-letters", FROM_5, Host, "c - 'a' <= 26 is a letter"),
    entry(
        "closing-braces-in-hosts",
        FROM_5,
        Host,
        "strpbrk(host, \" \\\"/<>?@[\\\\]^`{|\") has all that may not be there",
    ),
    entry(
        "closing-angles-in-hosts",
        FROM_5,
        Host,
        "strpbrk(host, \" \\\"/<?@[\\\\]^`{|}\") has all that may not be there",
    ),
    entry(
        "first-slash-ends-the-authority",
        FROM_5,
        Target,
        "the first slash is looked for, and a question mark if there is none",
    ),
    entry("https-by-its-case", FROM_5, Target, "startswith(\"https://\")"),
    entry(
        "keep-alive-and-close",
        FROM_5,
        Heads,
        "keep-alive is among the defaults, and close is added",
    ),
    entry(
        "post-by-its-beginning",
        PART_6,
        Methods,
        "strncmp(line, \"POST\", 4) == 0",
    ),
    entry(
        "options-by-its-beginning",
        PART_6,
        Methods,
        "line.startswith(\"OPTIONS\")",
    ),
    entry(
        "size-and-no-word",
        PART_6,
        Chunks,
        "(\\h+)(\\W*;.*)?: what stands between is no word",
    ),
    entry(
        "size-and-punctuation",
        PART_6,
        Chunks,
        "(\\h+)([[:blank:][:punct:]]*;.*)?",
    ),
    entry("size-and-a-range", PART_6, Chunks, "[\\t- ]* is not these three"),
    entry(
        "size-and-any-space",
        PART_6,
        Chunks,
        "/([0-9a-f]+)(\\s*;.*)?/ of what toString(\"latin1\") gave",
    ),
    entry(
        "any-byte-behind-a-backslash",
        PART_6,
        Chunks,
        "\"([^\"\\\\]|\\\\.)*\" is a quoted string",
    ),
    entry(
        "extensions-in-latin1",
        PART_6,
        Chunks,
        "[\\w!#$%&'*+.^`|~-]+ of what decode(\"latin-1\") gave",
    ),
    entry(
        "table-of-255-bytes",
        PART_6,
        Chunks,
        "static bool is_tchar[255], and what is behind it is not 0",
    ),
    entry(
        "extension-in-one-read",
        PART_6,
        Chunks,
        "a size may come digit by digit; behind its semicolon, recv() has the line",
    ),
    entry(
        "trailer-in-one-read",
        PART_6,
        Chunks,
        "once there is a trailer, recv() has it to its end",
    ),
    entry(
        "an-empty-tag-ends-the-list",
        PART_6,
        Conditions,
        "(W/)?\"([^\"]+)\", as long as it matches",
    ),
    entry("if-range-begins-so", PART_6, Conditions, "if_range.startswith(etag)"),
    entry(
        "parts-without-date",
        PART_6,
        Ranges,
        "multipart has fields of its own, and the tag says which state it is",
    ),
    entry(
        "folders-are-siblings",
        PART_6,
        Codings,
        "os.path.exists(path + \".gz\")",
    ),
    entry(
        "identity-by-its-case",
        PART_6,
        Codings,
        "weights.get(\"identity\"), and the other names are lower()",
    ),
    entry(
        "x-before-any-coding",
        PART_6,
        Codings,
        "name.removeprefix(\"x-\"), for x-gzip",
    ),
    entry(
        "weights-of-one-digit",
        PART_6,
        Codings,
        "fullmatch(r\"([\\w*-]+)(;q=[01])?\"), and what does not match is left out",
    ),
    entry(
        "weights-are-below-one",
        PART_6,
        Codings,
        "q=(0(\\.\\d*)?): one is what it is without",
    ),
];
