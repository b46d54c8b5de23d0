"""What all pages share: the design system, the language of a page, the side sheet, and the door that asks for
access.
"""
