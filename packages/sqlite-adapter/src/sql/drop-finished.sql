delete from jobport_finished where seq = ?
