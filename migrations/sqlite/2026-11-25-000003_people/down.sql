DROP TABLE notices;
DROP TABLE address_marks;
DROP TABLE erasures;
DROP TABLE data_requests;
