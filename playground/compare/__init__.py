"""What do base and adapters answer?"""
