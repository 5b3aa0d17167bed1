-- Nothing remembers signatures: an alert or event that arrives twice meets its unique key.
DROP TABLE signature;
