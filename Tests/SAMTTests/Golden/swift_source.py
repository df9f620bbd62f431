"""What the golden scripts share: numbers as lines of Swift."""

LINE = 120


def swift_list(values, indent):
    """The values as lines of an array literal, `indent` spaces deep."""
    lines, line = [], " " * indent
    for value in values:
        text = repr(value) + ","
        if len(line) + len(text) + 1 > LINE:
            lines.append(line.rstrip())
            line = " " * indent
        line += text + " "
    lines.append(line.rstrip())
    return "\n".join(lines)
