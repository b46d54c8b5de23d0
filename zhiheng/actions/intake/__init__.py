"""Deliveries: uploaded, received, confirmed where held, withdrawn, refused rows sent back."""
