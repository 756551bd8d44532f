def listed(text: str) -> tuple[str, ...]:
    """The words between commas, wherever the lines break."""
    return tuple(" ".join(word.split()) for word in text.split(","))
