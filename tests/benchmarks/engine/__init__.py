"""What the whole engine costs: plans of known shapes, whose every task calls one tool that does next to nothing.

A step is a task of the plan, with its checks and criteria. Planning is no step, but its cost is in that of the run's
steps: it is a task of each run, which reads, examines and pins the plan that the goal brings along. The client that
submits goals and follows the log is in the cost too.
"""
