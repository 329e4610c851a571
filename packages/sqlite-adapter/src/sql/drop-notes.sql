delete from jobport_notes where seq = ?
