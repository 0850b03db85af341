"""Pages for people: server-rendered HTML that needs no JavaScript, except for passkeys."""
