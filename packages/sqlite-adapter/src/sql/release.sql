release jobport
