"""Publication: proposed, approved, corrected, withdrawn, expired; statistics and open data; announcements."""
