"""The room inside: what did the adapter learn, where does it sit, what did it cost?"""
