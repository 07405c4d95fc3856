"""The pages of the built-in tools, made from their contracts and from calls of them: `python -m support.tool_pages`."""
