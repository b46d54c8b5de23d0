"""The chapters of a book, a module each: what its pages may say, how they are read, what is asked of them."""
