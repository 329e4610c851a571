select 1 from jobport_active where seq = ?
