func fuzzFace(_ bytes: [UInt8]) throws {}
