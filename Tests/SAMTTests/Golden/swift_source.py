"""What the golden scripts share: numbers as lines of Swift."""

import math

LINE = 120


def swift_number(value):
    """A number as a literal."""
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".infinity" if value > 0 else "-.infinity"
    return repr(value)


def swift_list(values, indent):
    """The values as lines of an array literal, `indent` spaces deep."""
    lines, line = [], " " * indent
    for value in values:
        text = swift_number(value) + ","
        if len(line) + len(text) + 1 > LINE:
            lines.append(line.rstrip())
            line = " " * indent
        line += text + " "
    lines.append(line.rstrip())
    return "\n".join(lines)
