"""What is read with access: each query asks whether the actor may, and writes nothing but a line of the trail.

Doors call queries to show something and actions to change something; queries never call actions.
"""
