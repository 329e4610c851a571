delete from jobport_results where seq = ?
