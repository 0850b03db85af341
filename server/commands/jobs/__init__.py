"""Work that no person starts: jobs, their leases, and the loop that runs them."""
