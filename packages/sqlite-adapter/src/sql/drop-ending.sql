delete from jobport_endings where no = ?
