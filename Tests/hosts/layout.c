/* layout: prints the size of every struct of the header and the place of each member, for comparison with
 * layout.txt, the table that callers compiled against this version rely on. */
#include <faceseg.h>
#include <stdio.h>

#define SIZE(type)           printf("%s %zu\n", #type, sizeof(type))
#define MEMBER(type, member) printf("%s.%s %zu\n", #type, #member, offsetof(type, member))

int main(void) {
    SIZE(faceseg_error);
    MEMBER(faceseg_error, status);
    MEMBER(faceseg_error, message);
    SIZE(faceseg_image);
    MEMBER(faceseg_image, plane);
    MEMBER(faceseg_image, row_bytes);
    MEMBER(faceseg_image, width);
    MEMBER(faceseg_image, height);
    MEMBER(faceseg_image, format);
    SIZE(faceseg_plane);
    MEMBER(faceseg_plane, data);
    MEMBER(faceseg_plane, row_bytes);
    MEMBER(faceseg_plane, type);
    SIZE(faceseg_model_options);
    MEMBER(faceseg_model_options, struct_size);
    MEMBER(faceseg_model_options, prototxt_path);
    MEMBER(faceseg_model_options, mean);
    MEMBER(faceseg_model_options, scale);
    MEMBER(faceseg_model_options, working_size);
    MEMBER(faceseg_model_options, reduce_size);
    MEMBER(faceseg_model_options, class_names);
    SIZE(faceseg_session_options);
    MEMBER(faceseg_session_options, struct_size);
    MEMBER(faceseg_session_options, threads);
    MEMBER(faceseg_session_options, memory_limit);
    MEMBER(faceseg_session_options, parallel_for);
    MEMBER(faceseg_session_options, parallel_for_context);
    MEMBER(faceseg_session_options, precision);
    MEMBER(faceseg_session_options, refinement);
    MEMBER(faceseg_session_options, smallest_head);
    MEMBER(faceseg_session_options, steady);
    MEMBER(faceseg_session_options, allocate);
    MEMBER(faceseg_session_options, release);
    MEMBER(faceseg_session_options, allocator_context);
    SIZE(faceseg_region);
    MEMBER(faceseg_region, x);
    MEMBER(faceseg_region, y);
    MEMBER(faceseg_region, width);
    MEMBER(faceseg_region, height);
    MEMBER(faceseg_region, angle);
    SIZE(faceseg_run_options);
    MEMBER(faceseg_run_options, struct_size);
    MEMBER(faceseg_run_options, orientation);
    MEMBER(faceseg_run_options, has_region);
    MEMBER(faceseg_run_options, region);
    MEMBER(faceseg_run_options, progress);
    MEMBER(faceseg_run_options, progress_context);
    SIZE(faceseg_head);
    MEMBER(faceseg_head, number);
    MEMBER(faceseg_head, x);
    MEMBER(faceseg_head, y);
    MEMBER(faceseg_head, width);
    MEMBER(faceseg_head, height);
    MEMBER(faceseg_head, confidence);
    MEMBER(faceseg_head, face_area);
    MEMBER(faceseg_head, hair_area);
    SIZE(faceseg_matte_options);
    MEMBER(faceseg_matte_options, struct_size);
    MEMBER(faceseg_matte_options, parallel_for);
    MEMBER(faceseg_matte_options, parallel_for_context);
    MEMBER(faceseg_matte_options, cancelled);
    MEMBER(faceseg_matte_options, threads);
    SIZE(faceseg_recolor_options);
    MEMBER(faceseg_recolor_options, struct_size);
    MEMBER(faceseg_recolor_options, parallel_for);
    MEMBER(faceseg_recolor_options, parallel_for_context);
    MEMBER(faceseg_recolor_options, cancelled);
    MEMBER(faceseg_recolor_options, threads);
    MEMBER(faceseg_recolor_options, strength);
    SIZE(faceseg_crf_options);
    MEMBER(faceseg_crf_options, struct_size);
    MEMBER(faceseg_crf_options, parallel_for);
    MEMBER(faceseg_crf_options, parallel_for_context);
    MEMBER(faceseg_crf_options, cancelled);
    MEMBER(faceseg_crf_options, threads);
    MEMBER(faceseg_crf_options, appearance_weight);
    MEMBER(faceseg_crf_options, appearance_distance);
    MEMBER(faceseg_crf_options, color_distance);
    MEMBER(faceseg_crf_options, smoothness_weight);
    MEMBER(faceseg_crf_options, smoothness_distance);
    MEMBER(faceseg_crf_options, rounds);
    SIZE(faceseg_tensor);
    MEMBER(faceseg_tensor, data);
    MEMBER(faceseg_tensor, rank);
    MEMBER(faceseg_tensor, shape);
    return 0;
}
