"""What a run can be taken away as, and the proof that it is what was trained."""
