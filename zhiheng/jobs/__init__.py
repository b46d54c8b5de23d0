"""What runs in the background: tasks of the queue, and the schedule of the worker's clock.

Actions put tasks in the queue by name (``office/task_queue.py``); nothing below imports this room.
"""
