select min(lease_until) from jobport_active where queue = ?
