"""Random values of PostgreSQL's types, as the text that the type's input function takes.

Every function takes the Dice, whose numbers depend on the seed alone; oddities are marked there by name, so that a run can say what it has met.
SPDX-License-Identifier: Apache-2.0
"""

import base64
import collections
import random

ODD_TEXTS = ("", " ", "  two  ", "NULL", "null", "{}", "()", "\\", "\\N", '"', "'", "''", "a,b", "tab\there", "line\nfeed", "cr\rlf\r\n", "\x01\x02\x1f", "\x7f", "\u0080\u009f",
             "é", "e\u0301", "\ufeffbom", "\u202eright to left", "\u2028", "\uffff", "\ue000", "🐘", "👨‍👩‍👧‍👦", "𝔘𝔫𝔦", "\U0010ffff", "__debezium_unavailable_value",
             "ß", "İ", "日本語", "%s %d", "${topic}", "<a>&amp;</a>", "0", "-0", "NaN")
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ -.,:;/äöü"
WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta")


class Dice(random.Random):
    """Random numbers of a seed, and a count of what they led to."""

    def __init__(self, seed):
        super().__init__(seed)
        self.met = collections.Counter()
        self.small = False  # whether large values are out of place: in keys, in elements of arrays
        self.exact = False  # whether the value has to be one that Avro's type carries by itself: in keys

    def one_in(self, number):
        return self.randrange(number) == 0

    def odd(self, name, value):
        self.met[name] += 1
        return value

    def pick(self, *values):
        return self.choice(values)


def number(dice, bits):
    """A signed number of that many bits: the ends, around zero, or any size."""
    top = 1 << (bits - 1)
    if dice.one_in(6):
        return dice.odd(f"int{bits // 8} at an end", dice.choice((-top, top - 1)))
    if dice.one_in(4):
        return dice.randint(-1, 1)
    size = dice.randrange(1, bits)
    return dice.randrange(-(1 << (size - 1)), 1 << (size - 1))


def integer(bits):
    return lambda dice: str(number(dice, bits))


def unsigned(bits):
    return lambda dice: str(dice.randrange(1 << dice.randrange(1, bits + 1)))


def boolean(dice):
    return dice.pick("true", "false")


def large(dice):
    """A text that is stored out of line: one that compresses, or one that does not."""
    size = dice.choice((3000, 9000, 20000, 20000, 120000))
    if dice.one_in(2):
        return dice.odd("TOAST value, compressed", (dice.choice(WORDS) + " ") * (size // 4))
    return dice.odd("TOAST value, not compressed", base64.b85encode(dice.randbytes(size)).decode())


def text(dice):
    if not dice.small and dice.one_in(40):
        return large(dice)
    if dice.one_in(3):
        return dice.odd("odd text", dice.choice(ODD_TEXTS))
    return "".join(dice.choices(LETTERS, k=dice.randrange(1, 20)))


def short(length):
    """Of at most so many characters; what is behind the blanks of char(n) does not count."""
    return lambda dice: text_small(dice)[:length]


def text_small(dice):
    before, dice.small = dice.small, True
    result = text(dice)
    dice.small = before
    return result


def name(dice):
    return text_small(dice).encode()[:63].decode(errors="ignore")


def one_char(dice):
    # 128 and more are bytes that are no UTF-8 by themselves.
    return dice.pick("", "a", "Z", "'", "\\", "~", "\x01", "\x7f", dice.choice(LETTERS[:60]))


def bytea(dice):
    if not dice.small and dice.one_in(40):
        return "\\x" + large(dice).encode().hex()
    if dice.one_in(5):
        return dice.odd("odd bytea", dice.pick("\\x", "\\x00", "\\xff", "\\x00010203", "\\x" + bytes(range(256)).hex()))
    return "\\x" + dice.randbytes(dice.randrange(30)).hex()


def floating(dice, digits, biggest, smallest):
    if dice.one_in(3):
        special = dice.pick("NaN", "Infinity", "-Infinity", "-0", "0", f"{biggest}", f"-{biggest}", f"{smallest}")
        return dice.odd(f"float{digits} {special}" if special[-1] in "Ny" else f"float{digits} at an end", special)
    return f"{dice.uniform(-10, 10):.{digits}g}e{dice.randrange(-30, 30)}"


def float4(dice):
    return floating(dice, 4, "3.4028235e38", "1e-45")


def float8(dice):
    return floating(dice, 8, "1.7976931348623157e308", "5e-324")


def digits(dice, count):
    return "".join(dice.choices("0123456789", k=count))


def numeric(dice):
    """Without precision: any size, any scale, NaN and the infinities."""
    if dice.one_in(6):
        special = dice.pick("NaN", "Infinity", "-Infinity")
        return dice.odd("numeric " + special, special)
    if dice.one_in(5):
        return dice.pick("0", "0.0", "0.00000", "1.0", "1.00", "100", "1e3", "-0.1", "1e-20", "9.99e400")
    if not dice.small and dice.one_in(12):
        return dice.odd("numeric, huge", "-" + digits(dice, dice.randrange(1, 3000)) + "." + digits(dice, dice.randrange(1, 2000)))
    return dice.pick("", "-") + digits(dice, dice.randrange(1, 25)) + "." + digits(dice, dice.randrange(1, 12))


def decimal(precision, scale):
    """numeric(precision, scale), also with a scale below 0 or above the precision."""

    def make(dice):
        if dice.one_in(10):
            return dice.odd("numeric(p,s) NaN", "NaN")
        count = dice.randrange(1, precision + 1)
        unscaled = dice.pick("", "-") + (dice.odd("numeric(p,s) at an end", "9" * precision) if dice.one_in(8) else digits(dice, count))
        return f"{unscaled}e{-scale}"

    return make


def money(dice):
    if dice.one_in(6):
        return dice.odd("money at an end", dice.pick("-92233720368547758.08", "92233720368547758.07", "0", "-0.01"))
    return f"{dice.randrange(-10**9, 10**9) / 100:.2f}"


def day(dice):
    """A date of our time, or any that PostgreSQL has: 4713 BC to 294276 AD."""
    year = dice.randrange(1900, 2100)
    era = ""
    if dice.one_in(8):
        year, era = dice.randrange(1, 4713), dice.odd("BC", " BC")
    elif dice.one_in(12):
        year = dice.odd("year beyond 9999", dice.randrange(10000, 294246))
    return f"{year:04d}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}", era


def date(dice):
    if dice.one_in(8):
        special = dice.pick("infinity", "-infinity")
        return dice.odd("date " + special, special)
    if dice.one_in(8):
        return dice.odd("date at an end", dice.pick("4713-11-24 BC", "5874897-12-31", "1970-01-01", "1969-12-31", "0001-01-01", "0001-12-31 BC"))
    return "".join(day(dice))


def clock(dice):
    if dice.one_in(8):
        return dice.odd("24:00:00", "24:00:00")
    if dice.one_in(6):
        return dice.pick("00:00:00", "23:59:59.999999", "12:00:00")
    return f"{dice.randrange(24):02d}:{dice.randrange(60):02d}:{dice.randrange(60):02d}.{dice.randrange(10**6):06d}"


def offset(dice):
    return dice.pick("+00", "+05:30", "-03", "+15:59", "-15:59", "+01:02:03")


def timetz(dice):
    return clock(dice) + offset(dice)


def timestamp(dice):
    if dice.one_in(8):
        special = dice.pick("infinity", "-infinity")
        return dice.odd("timestamp " + special, special)
    if dice.one_in(30) and not dice.exact:
        return dice.odd("timestamp too late for microseconds since 1970", "294276-12-31 23:59:58.999999")
    if dice.one_in(8):
        return dice.odd("timestamp at an end", dice.pick("4713-11-24 00:00:00 BC", "294246-12-31 23:59:59.999999", "1970-01-01 00:00:00", "1969-12-31 23:59:59.999999",
                                                         "2000-01-01 00:00:00", "0001-12-31 23:59:59.999999 BC"))
    date_of, era = day(dice)
    return f"{date_of} {clock(dice).replace('24:', '23:')}{era}"


def timestamptz(dice):
    value = timestamp(dice)
    return value if value[0] not in "0123456789" or value.startswith(("4713", "294")) else value.replace(" BC", "") + offset(dice) + (" BC" if "BC" in value else "")


def interval(dice):
    if dice.one_in(6):
        return dice.odd("interval at an end", dice.pick("178000000 years", "-178000000 years", "2147483647 days", "-1 microsecond", "1 mon -1 day +00:00:00.000001", "0"))
    return f"{dice.randrange(-500, 500)} months {dice.randrange(-500, 500)} days {dice.randrange(-10**12, 10**12)} microseconds"


def uuid(dice):
    return dice.pick("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff") if dice.one_in(10) else dice.randbytes(16).hex()


def json_string(dice):
    escaped = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escaped.get(char, char if char >= " " else f"\\u{ord(char):04x}") for char in text(dice)) + '"'


def json(dice, depth=0):
    """Also with spaces, doubled keys and numbers that jsonb writes otherwise."""
    kind = dice.randrange(8 if depth < 3 else 5)
    if kind < 3:
        return dice.pick("null", "true", "false", "0", "-0", "1.50", "1e5", "12345678901234567890.12345678901234567890", '""', "[]", "{}")
    if kind < 5:
        return json_string(dice)
    blank = dice.pick("", " ", "\n")
    count = dice.randrange(1, 4)
    if kind == 5:
        return "[" + ("," + blank).join(json(dice, depth + 1) for _ in range(count)) + "]"
    return "{" + blank + ", ".join(f'"{dice.pick("a", "b", "key with spaces", "")}": {json(dice, depth + 1)}' for _ in range(count)) + "}"


def jsonpath(dice):
    return dice.pick("$", "$.a", "strict $.a[*]", '$."key with spaces" ? (@ > 1)', "$[0 to last]", '$.a ? (@ like_regex "^x" flag "i")')


def xml(dice):
    inner = text(dice)
    legal = "".join(char for char in inner if char >= " " and char not in "<>&\x7f\uffff").strip()
    return dice.pick(f"<a>{legal}</a>", f'<b x="1">{len(legal)}</b>', "<e/>", f"only text {len(inner)}", "<!-- c --><d/>",
                     # The declaration is stored, but not shown: a default that both sides are given as it is written here is no copy of the other.
                     "<r/>" if dice.exact else '<?xml version="1.0"?><r/>')


def address(dice):
    return dice.pick(".".join(str(dice.randrange(256)) for _ in range(4)), "::", "::1", "2001:db8::%x" % dice.randrange(65536), "0.0.0.0", "::ffff:1.2.3.4")


def inet(dice):
    host = address(dice)
    return host if dice.one_in(2) else f"{host}/{dice.randrange(129 if ':' in host else 33)}"


def cidr(dice):
    return dice.pick("0.0.0.0/0", "10.0.0.0/8", f"192.168.{dice.randrange(256)}.0/24", "1.2.3.4/32", "::/0", "2001:db8::/32", f"10.{dice.randrange(256)}.0.0/16")


def macaddr(length):
    return lambda dice: ":".join(f"{byte:02x}" for byte in dice.randbytes(length))


def bits(length, varying=False):
    def make(dice):
        count = dice.randrange(length + 1) if varying else length
        return "".join(dice.choices("01", k=count))

    return make


def coordinate(dice):
    return dice.pick("0", "-0", "1", "-1.5", "1e300", "Infinity", "NaN") if dice.one_in(5) else f"{dice.uniform(-1000, 1000):.5g}"


def pair(dice):
    return f"({coordinate(dice)},{coordinate(dice)})"


def plain_pair(dice):
    return f"({dice.randrange(-100, 100) / 4},{dice.randrange(-100, 100) / 4})"


def line(dice):
    return "{%s,%s,%s}" % (dice.randrange(1, 9), dice.uniform(-5, 5), dice.randrange(9))


def segment(dice):
    return f"[{pair(dice)},{pair(dice)}]"


def box(dice):
    return f"{plain_pair(dice)},{plain_pair(dice)}"


def path(dice):
    points = ",".join(plain_pair(dice) for _ in range(dice.randrange(1, 5)))
    return dice.pick(f"[{points}]", f"({points})")


def polygon(dice):
    return "(" + ",".join(plain_pair(dice) for _ in range(dice.randrange(1, 6))) + ")"


def circle(dice):
    return f"<{plain_pair(dice)},{dice.randrange(100)}>"


def tsvector(dice):
    return dice.pick("", "'a b':1", " ".join(f"{word}:{dice.randrange(1, 99)}{dice.pick('', 'A', 'B')}" for word in dice.sample(WORDS, 3)), "'quote''d':1A,2B", "word")


def tsquery(dice):
    return dice.pick("", "a & b", "a | !b", "(a | b) & c:*A", "a <-> b <2> c", "'two words':B")


def bounds(lower, upper):
    """A range of two ordered texts."""

    def make(dice):
        if dice.one_in(8):
            return dice.odd("empty range", "empty")
        first, second = lower(dice), upper(dice)
        if dice.one_in(5):
            first = dice.odd("range without a bound", "")
        if dice.one_in(5):
            second = dice.odd("range without a bound", "")
        return f"{dice.pick('[', '(')}{first},{second}{dice.pick(']', ')')}"

    return make


def several(make):
    return lambda dice: "{" + ",".join(make(dice) for _ in range(dice.randrange(4))) + "}"


def lsn(dice):
    return f"{dice.randrange(1 << dice.randrange(1, 33)):X}/{dice.randrange(1 << dice.randrange(1, 33)):X}"


def snapshot(dice):
    low = dice.randrange(3, 1000)
    return dice.pick(f"{low}:{low}:", f"{low}:{low + 10}:{low},{low + 3}", f"{low}:{low + 1}:{low}")


def tid(dice):
    return f"({dice.randrange(1 << 32)},{dice.randrange(1 << 16)})"


def vector(bits_of):
    return lambda dice: " ".join(str(dice.randrange(1 << (bits_of - 1))) for _ in range(dice.randrange(5)))


def hstore(dice):
    def quoted(value):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    entries = {key: None if dice.one_in(4) else text(dice) for key in dice.sample(("a", "b", "", "key with spaces", "🐘"), dice.randrange(4))}
    return ",".join(f"{quoted(key)}=>{'NULL' if value is None else quoted(value)}" for key, value in entries.items())


def ltree(dice):
    return ".".join(dice.choice(WORDS) for _ in range(dice.randrange(5)))


def cube(dice):
    def corner(count):
        return "(" + ",".join(str(dice.randrange(-100, 100) / 8) for _ in range(count)) + ")"

    count = dice.randrange(1, 5)
    return corner(count) if dice.one_in(2) else f"{corner(count)},{corner(count)}"


def one_of(*values):
    return lambda dice: dice.choice(values)
