delete from jobport_ready where queue = ? and (rank, first) <= (?, ?)
