"""The staff's figures as one picture for a phone, drawn in a process of its own.

`draw.picture` is for everybody; it starts `python -m bot.pictures`, and only there matplotlib is loaded.
"""
