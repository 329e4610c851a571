select no, seqs from jobport_endings where gone_at <= ? order by gone_at limit ? + 0
