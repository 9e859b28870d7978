"""Which method is worth its price?"""
