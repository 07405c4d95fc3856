"""The public face of AWE, the goal-driven agentic workflow engine."""
