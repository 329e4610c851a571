delete from jobport_ready where queue = ? and rank = ? and first = ?
