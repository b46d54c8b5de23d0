"""OpenID Connect by allauth, with what it leaves out: a nonce, the configured issuer, one and the same subject."""
