"""How each family of clients is told what to do.

A family has a method for each thing that its clients have a command for; what it has no method for, they do not do.
"""
