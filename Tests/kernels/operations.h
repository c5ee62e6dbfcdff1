// operations: the list of what is tested, a file an operation.
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include "check.h"

extern const operation affine_tests, argmax_tests, convolution_tests, cpu_tests, crf_tests, depthwise_tests,
    eltwise_tests, guided_tests, interp_tests, lrn_tests, matting_tests, map_warp_tests, map_row_tests,
    mvn_tests, photo_resampling_tests, photo_warp_tests, plane_row_tests, pool_tests, pooling_tests,
    prelu_tests, recolor_tests, reduction_tests, result_row_tests, softmax_tests, steady_tests,
    strided_copy_tests, tone_tests, unary_tests, upsample_tests, block_convolution_tests,
    block_planewise_tests, block_moving_tests, region_tests, block_weight_gradient_tests,
    block_depthwise_gradient_tests, block_input_gradient_tests, block_normalization_tests,
    block_planewise_gradient_tests, yuv_tests;

static const operation *const operations[] = {
    &region_tests,
    &cpu_tests,
    &pool_tests,
    &affine_tests,
    &prelu_tests,
    &unary_tests,
    &eltwise_tests,
    &softmax_tests,
    &reduction_tests,
    &argmax_tests,
    &strided_copy_tests,
    &pooling_tests,
    &lrn_tests,
    &mvn_tests,
    &interp_tests,
    &upsample_tests,
    &plane_row_tests,
    &map_row_tests,
    &result_row_tests,
    &photo_resampling_tests,
    &photo_warp_tests,
    &map_warp_tests,
    &guided_tests,
    &crf_tests,
    &tone_tests,
    &recolor_tests,
    &yuv_tests,
    &steady_tests,
    &matting_tests,
    &depthwise_tests,
    &convolution_tests,
    &block_convolution_tests,
    &block_planewise_tests,
    &block_moving_tests,
    &block_weight_gradient_tests,
    &block_depthwise_gradient_tests,
    &block_input_gradient_tests,
    &block_normalization_tests,
    &block_planewise_gradient_tests,
};
enum { operation_count = COUNT(operations) };

#endif
