"""To other programs and back: folders of ngc-learn, and runs as Python scripts.

May import everything else.
"""
