"""What will a run cost, and is it sound?"""
