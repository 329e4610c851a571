select id, seq, released, until from jobport_uniques where queue = ? and key = ?
