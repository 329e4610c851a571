-- The front of the line, up to the last row that was read.
delete from jobport_ready where queue = ? and (rank, seq) <= (?, ?)
