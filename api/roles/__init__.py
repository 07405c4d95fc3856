"""What a process can be: keeper, scheduler, worker, or all of them; each with the same code in one process or in many."""
