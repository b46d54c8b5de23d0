"""Cases at the desk: what is to be done, the list, one case, the forms of its acts."""
