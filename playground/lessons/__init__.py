"""What did you expect, and what came out?"""
