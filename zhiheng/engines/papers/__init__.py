"""Notices and records of cases before they have a form: what stands on them, word for word. Pure.

``content`` is the model that every form (DOCX, PDF, digest) is made of; ``filling`` fills the blanks of a page of the
book from a case; ``composing`` puts both together; ``book_check`` says what is wrong with the papers of a book.
"""
