"""Did an adapter really help?"""
