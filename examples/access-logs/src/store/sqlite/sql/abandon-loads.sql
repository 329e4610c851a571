-- Of the same file: that of a worker that died, or of one that has a copy of it under another name.
update loads set abandoned = 1 where sha256 = ?
