"""What is on screen, as objects of QtCore only."""
