delete from jobport_leases where no = ?
