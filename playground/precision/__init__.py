"""What does quantization do to a base?"""
