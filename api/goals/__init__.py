"""From what somebody asks for to a command that begins a run: read, completed, and examined before anything is appended."""
