<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>GeoFM</name>
    <message>
        <location filename="../../plugin.py"/>
        <source>GeoFM</source>
        <translation>GeoFM</translation>
    </message>
    <message>
        <location filename="../../plugin.py"/>
        <source>Show or hide GeoFM: foundation models for maps</source>
        <translation>显示或隐藏 GeoFM：用于制图的基础模型</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>Your own model</source>
        <translation>自己的模型</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>A network as ONNX, a card with its files, an item of a catalogue, a classifier.</source>
        <translation>ONNX 网络、带文件的模型卡、目录条目或分类器。</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>Add a file</source>
        <translation>添加文件</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>What the file does not say itself is asked for</source>
        <translation>文件中没有说明的内容会询问您</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>I trust who made this file: its code may run</source>
        <translation>我信任此文件的作者：允许运行其中的代码</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>Kept for this very file, by its digest; TorchScript is code, ONNX is not</source>
        <translation>仅对此文件有效（按校验值）；TorchScript 是代码，ONNX 不是</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>Models (*.onnx *.json *.geofm *.pt *.pth *.yaml *.yml)</source>
        <translation>模型 (*.onnx *.json *.geofm *.pt *.pth *.yaml *.yml)</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>Add a model</source>
        <translation>添加模型</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>{} is added. It serves: {}.</source>
        <translation>已添加 {}。用途：{}。</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>Add {}</source>
        <translation>添加 {}</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>Stopped.</source>
        <translation>已停止。</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>No polygons</source>
        <translation>无多边形</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>Only pixels in these polygons are computed; the rest has no data</source>
        <translation>只计算这些多边形内的像元；其余为无数据</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>Only selected polygons</source>
        <translation>仅选中的多边形</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>Those that are selected in the layer when the run begins</source>
        <translation>运行开始时图层中选中的多边形</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>Select polygons of {}, or take all of them in Options.</source>
        <translation>请在 {} 中选择多边形，或在选项中使用全部多边形。</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>{} polygons of {} only</source>
        <translation>仅 {1} 中的 {0} 个多边形</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>in {} only</source>
        <translation>仅在 {} 内</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>The folder {} cannot be made.</source>
        <translation>无法创建文件夹 {}。</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Difference in what a model sees</source>
        <translation>模型所见的差异</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Compares each place and its surroundings as a model sees them on both dates.</source>
        <translation>比较模型在两个日期所见的每个位置及其周围。</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Statistical (no model)</source>
        <translation>统计方法（无模型）</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Finds what breaks the usual relation of the bands of both dates (IR-MAD).</source>
        <translation>找出偏离两期波段间通常关系的地方（IR-MAD）。</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Plain difference of the bands</source>
        <translation>波段直接相减</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Subtracts one date from the other: simple, and quickly misled by light and noise.</source>
        <translation>两期相减：简单，但容易受光照和噪声误导。</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Taught by examples</source>
        <translation>由样例训练</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Learns from places that you labelled which differences count as change.</source>
        <translation>从您标注的位置学习哪些差异算作变化。</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Compare two class maps</source>
        <translation>比较两幅分类图</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Maps both dates with a classifier of yours or a model and says what became what.</source>
        <translation>用分类器或模型对两期制图，并说明由什么变成什么。</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>When did it change? (many dates)</source>
        <translation>何时发生变化？（多个日期）</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Finds the date at which an index such as NDVI left its usual course, season and all.</source>
        <translation>找出指数（如 NDVI）偏离其通常过程（含季节）的日期。</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>By false alarms</source>
        <translation>按误报率</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>By hand</source>
        <translation>手动</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>From which magnitude on a place counts as changed; a slider moves it later</source>
        <translation>幅度达到多少算作变化；之后可用滑块调整</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>So much of the unchanged ground may be called change</source>
        <translation>未变化地面中允许被判为变化的比例</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Magnitude; the legend of an earlier run shows its range</source>
        <translation>幅度；以前运行的图例显示其范围</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Match both dates</source>
        <translation>匹配两期影像</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Brings the later date to the earlier one, band by band</source>
        <translation>逐波段将后期影像调整到前期影像</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Correct a shift</source>
        <translation>校正偏移</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Tell a shift</source>
        <translation>报告偏移</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Do not look for a shift</source>
        <translation>不检查偏移</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Whether the dates lie on one another, to parts of a pixel</source>
        <translation>两期影像是否对齐，精确到亚像元</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Leave out</source>
        <translation>排除</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Leave out, by a band</source>
        <translation>按波段排除</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Leave out, by a model</source>
        <translation>按模型排除</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Compare them too</source>
        <translation>一并比较</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Clouds, their shadows, snow and fill: by a band such as Fmask or SCL, else by a model</source>
        <translation>云、云影、雪和填充值：按 Fmask 或 SCL 等波段，否则由模型判断</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Light</source>
        <translation>光照</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Position</source>
        <translation>位置</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Clouds</source>
        <translation>云</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>A classifier of yours</source>
        <translation>自己的分类器</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>A model that maps classes</source>
        <translation>输出类别的模型</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Whose classes of both dates are compared</source>
        <translation>比较哪个来源的两期类别</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>NDVI, or the only band</source>
        <translation>NDVI，或唯一的波段</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>NBR: fire, felling</source>
        <translation>NBR：火烧、采伐</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>NDMI: drought</source>
        <translation>NDMI：干旱</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>NDWI: water</source>
        <translation>NDWI：水体</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>MNDWI: water, built-up</source>
        <translation>MNDWI：水体、建成区</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>NDRE: crops</source>
        <translation>NDRE：作物</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>What is followed through the dates</source>
        <translation>在各日期间跟踪的指标</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>How the two dates are compared</source>
        <translation>如何比较两期影像</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Add a folder of dates…</source>
        <translation>添加多日期文件夹…</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Every raster of a folder whose name or metadata say its date</source>
        <translation>文件夹中名称或元数据含有日期的所有栅格</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Points or polygons on places that changed, and on some that did not</source>
        <translation>变化位置以及一些未变化位置上的点或多边形</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>What it says of a place: changed or not, or what kind of change</source>
        <translation>该字段说明：变化与否，或变化类型</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Mask of changed places</source>
        <translation>变化位置掩膜</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>A raster of two classes: changed and unchanged</source>
        <translation>两类栅格：变化与未变化</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Polygons with area</source>
        <translation>带面积的多边形</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Each changed place as a polygon</source>
        <translation>每个变化位置为一个多边形</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Table of areas (CSV)</source>
        <translation>面积表 (CSV)</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>How much ground changed, and from what to what where that is known</source>
        <translation>变化面积有多少，以及（如已知）由什么变为什么</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Say what became what</source>
        <translation>说明由什么变成什么</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>A classifier of yours tells the classes of each place on both dates</source>
        <translation>由您的分类器给出每个位置两期的类别</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Method</source>
        <translation>方法</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Dates</source>
        <translation>日期</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Index</source>
        <translation>指数</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Mapped by</source>
        <translation>制图者</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Classifier</source>
        <translation>分类器</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Examples</source>
        <translation>样例</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Field</source>
        <translation>字段</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Threshold</source>
        <translation>阈值</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Where</source>
        <translation>范围</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Options</source>
        <translation>选项</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Save in</source>
        <translation>保存到</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>The map shows nothing of the layer: zoom to it.</source>
        <translation>地图未显示该图层：请缩放到图层。</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Add a folder of dates, or layers of {} dates and more.</source>
        <translation>请添加多日期文件夹，或至少 {} 个日期的图层。</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>One of the layers has no date: click it to say one.</source>
        <translation>有图层没有日期：请单击它并填写。</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Add the layer of the earlier date.</source>
        <translation>请添加前期图层。</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Add the layer of the later date.</source>
        <translation>请添加后期图层。</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Before and after are the same layer.</source>
        <translation>前期和后期是同一图层。</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>{} is an elevation model: add an image.</source>
        <translation>{} 是高程模型：请添加影像。</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Add a layer of labelled places: changed and not changed.</source>
        <translation>请添加标注了变化与未变化位置的图层。</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Choose the field that says what changed.</source>
        <translation>请选择说明变化内容的字段。</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Teach a classifier first, on the page Teach.</source>
        <translation>请先在“训练”页训练一个分类器。</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Breaks</source>
        <translation>突变</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Broken places</source>
        <translation>突变位置</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Breaks {} to {}</source>
        <translation>{} 至 {} 的突变</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Magnitude</source>
        <translation>幅度</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Changed places</source>
        <translation>变化位置</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Changes</source>
        <translation>变化</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Change {} to {}</source>
        <translation>{} 至 {} 的变化</translation>
    </message>
    <message>
        <location filename="../../ui/device_choice.py"/>
        <source>Best device</source>
        <translation>最佳设备</translation>
    </message>
    <message>
        <location filename="../../ui/device_choice.py"/>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <location filename="../../ui/device_choice.py"/>
        <source>GPU (CUDA)</source>
        <translation>GPU (CUDA)</translation>
    </message>
    <message>
        <location filename="../../ui/device_choice.py"/>
        <source>GPU {}</source>
        <translation>GPU {}</translation>
    </message>
    <message>
        <location filename="../../ui/device_choice.py"/>
        <source>Where to compute; the best device is the GPU if it can be used</source>
        <translation>在哪里计算；如 GPU 可用，则为最佳设备</translation>
    </message>
    <message>
        <location filename="../../ui/device_choice.py"/>
        <source>{}, {} of {} GB free</source>
        <translation>{}，{} / {} GB 可用</translation>
    </message>
    <message>
        <location filename="../../ui/device_choice.py"/>
        <source>{}: cannot be used</source>
        <translation>{}：不可用</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Help on this page; F1: on what you are at</source>
        <translation>本页帮助；F1：当前位置的帮助</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>History</source>
        <translation>历史</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Add a raster layer to begin, or drop one here from the layer tree.</source>
        <translation>请先添加栅格图层，或从图层树拖到这里。</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Layers</source>
        <translation>图层</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>The layer of the earlier date.</source>
        <translation>前期图层。</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>The layer of the later date.</source>
        <translation>后期图层。</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Before</source>
        <translation>前期</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>After</source>
        <translation>后期</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Exchange before and after</source>
        <translation>交换前期和后期</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Map</source>
        <translation>地图</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>What is here?</source>
        <translation>这里有什么？</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Teach</source>
        <translation>训练</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>This is what I mean</source>
        <translation>这就是我要的</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Change</source>
        <translation>变化</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>What is different?</source>
        <translation>有什么不同？</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>What there is to work with</source>
        <translation>可用的模型</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>{} (Alt+{})</source>
        <translation>{}（Alt+{}）</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Turn to Map, Teach or Change to run a model.</source>
        <translation>请切换到“地图”、“训练”或“变化”页来运行模型。</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Edits that were proposed, now or another day</source>
        <translation>现在或以前建议的编辑</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Proposed edits</source>
        <translation>建议的编辑</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Which kind of edits to look at</source>
        <translation>查看哪类编辑</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Kind of edit</source>
        <translation>编辑类型</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Swipe</source>
        <translation>卷帘</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Accept</source>
        <translation>接受</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Reject</source>
        <translation>拒绝</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Open again</source>
        <translation>重新打开</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Review</source>
        <translation>审查</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Go to the next edit that is open; N skips one</source>
        <translation>转到下一个未决定的编辑；N 跳过</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>magnitude ≥ </source>
        <translation>幅度 ≥ </translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Magnitude of the change from which edits are accepted together</source>
        <translation>变化幅度达到多少时一起接受编辑</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Accept all of the chosen kind that are open; each can be undone by itself</source>
        <translation>接受所选类型中所有未决定的编辑；每个都可单独撤销</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Note in the layer where an edit comes from</source>
        <translation>在图层中注明编辑来源</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>In the fields geofm_source, geofm_date and geofm_action</source>
        <translation>写入字段 geofm_source、geofm_date 和 geofm_action</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Update a layer</source>
        <translation>更新图层</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Add the layer that these edits are about: {}</source>
        <translation>请添加这些编辑所针对的图层：{}</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>All kinds ({})</source>
        <translation>所有类型（{}）</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>{} ({})</source>
        <translation>{}（{}）</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>{} of {} decided</source>
        <translation>已决定 {} / {}</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Accept all ({})</source>
        <translation>全部接受（{}）</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>{} accepted and not saved yet: Ctrl+Z undoes, saving the edits of {} keeps them.</source>
        <translation>已接受 {} 个，尚未保存：Ctrl+Z 撤销，保存 {} 的编辑即可保留。</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Swipe: before left and after right of a line. Drag it, or press the arrow keys; Esc ends</source>
        <translation>卷帘：线左侧为前期，右侧为后期。拖动或按方向键；Esc 结束</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Swipe: add layers of both dates above</source>
        <translation>卷帘：请在上方添加两期图层</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Before: {}</source>
        <translation>前期：{}</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>After: {}</source>
        <translation>后期：{}</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>magnitude {}</source>
        <translation>幅度 {}</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>{} accepted.</source>
        <translation>已接受 {} 个。</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>{} skipped, such as {}: {}</source>
        <translation>跳过 {} 个，例如 {}：{}</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Polygons of a change run, or any others that say what is there now</source>
        <translation>变化检测得到的多边形，或任何说明现状的多边形</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>The layer that is to be brought up to date; it is only read now</source>
        <translation>要更新的图层；现在只读取</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Its field with the class; none: features are added, cut and retired</source>
        <translation>其类别字段；若无：只添加、切分和停用要素</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Its field for the date of retirement; none: what is retired is deleted</source>
        <translation>其停用日期字段；若无：停用的要素将被删除</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Where less of a feature changed, that part is cut off</source>
        <translation>要素变化不足此比例时，只切出变化部分</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source> m²</source>
        <translation> m²</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Smallest part to cut off or add; else a quarter of the smallest change</source>
        <translation>切出或添加的最小部分；否则为最小变化的四分之一</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Propose edits</source>
        <translation>建议编辑</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>List what the changes mean for the layer; nothing is edited yet</source>
        <translation>列出变化对该图层意味着什么；此时不作任何编辑</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Layer</source>
        <translation>图层</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Class</source>
        <translation>类别</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>More</source>
        <translation>更多</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Retired on</source>
        <translation>停用日期</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>As a whole from</source>
        <translation>整体变化起点</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Smallest part</source>
        <translation>最小部分</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Run a comparison with polygons, or add a layer of changed places.</source>
        <translation>请运行带多边形的比较，或添加变化位置的图层。</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Add the layer that is to be brought up to date.</source>
        <translation>请添加要更新的图层。</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Proposed edits of {}</source>
        <translation>{} 的建议编辑</translation>
    </message>
    <message>
        <location filename="../../ui/help.py"/>
        <source>GeoFM: help</source>
        <translation>GeoFM：帮助</translation>
    </message>
    <message>
        <location filename="../../ui/help.py"/>
        <source>Back</source>
        <translation>返回</translation>
    </message>
    <message>
        <location filename="../../ui/help.py"/>
        <source>Contents</source>
        <translation>目录</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>Runs will be listed here, to repeat or to take elsewhere.</source>
        <translation>运行会列在这里，可重复运行或用于别处。</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>History of runs</source>
        <translation>运行历史</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>Repeat</source>
        <translation>重复</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>Open as Processing dialog</source>
        <translation>在处理对话框中打开</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>Copy as Python</source>
        <translation>复制为 Python</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>Copy as command (qgis_process)</source>
        <translation>复制为命令 (qgis_process)</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>Open the folder of the results</source>
        <translation>打开结果文件夹</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>Clear the history</source>
        <translation>清空历史</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>This run cannot be written as one command: {}.</source>
        <translation>此运行无法写成一条命令：{}。</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>The job file beside its result repeats it: python -m geofm run RESULT.job.json</source>
        <translation>结果旁的作业文件可重复运行：python -m geofm run RESULT.job.json</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>took {}</source>
        <translation>用时 {}</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Token of Hugging Face</source>
        <translation>Hugging Face 令牌</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Made at huggingface.co/settings/tokens; reading is all it needs to allow</source>
        <translation>在 huggingface.co/settings/tokens 创建；只需读取权限</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Keep</source>
        <translation>保存</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Keep the token in QGIS&apos;s authentication store, encrypted</source>
        <translation>将令牌加密保存在 QGIS 的认证存储中</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Unlock</source>
        <translation>解锁</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Give QGIS&apos;s master password, so that the token kept can be used</source>
        <translation>输入 QGIS 主密码以使用已保存的令牌</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Forget</source>
        <translation>忘记</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Delete the token from QGIS&apos;s authentication store</source>
        <translation>从 QGIS 的认证存储中删除令牌</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>A token has no spaces and begins with hf_.</source>
        <translation>令牌不含空格，并以 hf_ 开头。</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>QGIS did not open its store: the token is known until QGIS ends.</source>
        <translation>QGIS 未打开其存储：令牌仅在本次 QGIS 会话中有效。</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>The token is still locked.</source>
        <translation>令牌仍被锁定。</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Your token of Hugging Face is used where a model asks for one.</source>
        <translation>模型需要时将使用您的 Hugging Face 令牌。</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Your token of Hugging Face is kept, and locked by QGIS&apos;s master password.</source>
        <translation>您的 Hugging Face 令牌已保存，并由 QGIS 主密码锁定。</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Some models on Hugging Face want a token of an account that was given access.</source>
        <translation>Hugging Face 上的一些模型需要已获授权账户的令牌。</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>The class that the rule is about</source>
        <translation>规则针对的类别</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>What it becomes there; if it only is not, the next most probable class</source>
        <translation>在该处变为什么；若仅排除，则为概率次高的类别</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Where: an expression over layers of the project, such as {}</source>
        <translation>何处：关于项目图层的表达式，例如 {}</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Condition</source>
        <translation>条件</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Remove this rule</source>
        <translation>删除此规则</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>where</source>
        <translation>当</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Every class</source>
        <translation>所有类别</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>is not</source>
        <translation>不是</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>becomes {}</source>
        <translation>变为 {}</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>The map of classes to refine</source>
        <translation>要修正的分类图</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Its probabilities, one band a class</source>
        <translation>其概率，每类一个波段</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>How probable classes are: one band, or one field of polygons, a class</source>
        <translation>各类别的可能性：每类一个波段，或多边形的一个字段</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>How much the prior counts: 1 as it is, 0.5 half as seriously</source>
        <translation>先验的权重：1 为原样，0.5 为一半</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Weight </source>
        <translation>权重 </translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Add a rule</source>
        <translation>添加规则</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>A class that cannot be where a condition holds, or what it becomes there</source>
        <translation>满足条件处不可能存在的类别，或其应变为的类别</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Apply to the map</source>
        <translation>应用到地图</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>A refined map, and beside it what changed each of its pixels</source>
        <translation>修正后的地图，以及每个像元因何改变</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Probabilities</source>
        <translation>概率</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Prior</source>
        <translation>先验</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>What is known of the place corrects a map; every pixel changed is shown.</source>
        <translation>用已知的当地知识修正地图；每个改变的像元都会显示。</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Make a map of classes first, or add one.</source>
        <translation>请先制作或添加分类图。</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Add a rule or choose a prior.</source>
        <translation>请添加规则或选择先验。</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>A prior needs the probabilities: tick them in the Options and map again.</source>
        <translation>先验需要概率：请在选项中勾选后重新制图。</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Say what the class becomes, or choose the map&apos;s probabilities.</source>
        <translation>请指定该类别变为什么，或选择地图的概率。</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Choose a class, or what it becomes.</source>
        <translation>请选择类别，或其变为的类别。</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Rule {}: {}</source>
        <translation>规则 {}：{}</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Refined map</source>
        <translation>修正后的地图</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>What changed</source>
        <translation>改变原因</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Refined {}</source>
        <translation>修正后的 {}</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Sentinel-2 L2A, 12 bands</source>
        <translation>Sentinel-2 L2A，12 个波段</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Sentinel-2 L1C, 13 bands</source>
        <translation>Sentinel-2 L1C，13 个波段</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Sentinel-2, the four 10 m bands</source>
        <translation>Sentinel-2，四个 10 m 波段</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Sentinel-1, VV and VH</source>
        <translation>Sentinel-1，VV 和 VH</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Landsat 4-7, 6 bands</source>
        <translation>Landsat 4-7，6 个波段</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Landsat 8-9, 7 bands</source>
        <translation>Landsat 8-9，7 个波段</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Red, green, blue</source>
        <translation>红、绿、蓝</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Red, green, blue, near infrared</source>
        <translation>红、绿、蓝、近红外</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>What the layer is; some models take radar and elevation beside images</source>
        <translation>图层的类型；有些模型除影像外还使用雷达和高程</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>As the file says</source>
        <translation>按文件说明</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Names in the file&apos;s order, with commas: B02, B03, red, nir, VV. A dash leaves one out.</source>
        <translation>按文件顺序的名称，用逗号分隔：B02, B03, red, nir, VV。短横线表示跳过。</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Stored numbers times this are reflectance; 0.0001 for most products.</source>
        <translation>存储值乘以此数为反射率；大多数产品为 0.0001。</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Added after the scale; -0.1 for Sentinel-2 products of 2022 and later.</source>
        <translation>缩放后加上此数；2022 年及以后的 Sentinel-2 产品为 -0.1。</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Day of acquisition, as 2024-07-31. Some models use the season.</source>
        <translation>获取日期，如 2024-07-31。有些模型会使用季节信息。</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Apply</source>
        <translation>应用</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Keep this with the layer; it is saved in the project</source>
        <translation>随图层保留；保存在项目中</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Leave the layer as it is</source>
        <translation>保持图层不变</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>What it is</source>
        <translation>类型</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Bands</source>
        <translation>波段</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Scale</source>
        <translation>比例因子</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Offset</source>
        <translation>偏移量</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>{} names for {} bands.</source>
        <translation>{} 个名称对应 {} 个波段。</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>The scale must be above zero.</source>
        <translation>比例因子必须大于零。</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>The scale must be a number, as 0.0001.</source>
        <translation>比例因子必须是数字，如 0.0001。</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>The offset must be a number, as -0.1.</source>
        <translation>偏移量必须是数字，如 -0.1。</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>The date must be written as year-month-day.</source>
        <translation>日期必须写成 年-月-日。</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Not known</source>
        <translation>未知</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>year-month-day</source>
        <translation>年-月-日</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>{} (not known)</source>
        <translation>{}（未知）</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>{} nm</source>
        <translation>{} nm</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Do not use this layer</source>
        <translation>不使用此图层</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Layer {}: {}</source>
        <translation>图层 {}：{}</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>{} x {} pixels</source>
        <translation>{} x {} 像元</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>{} of {}</source>
        <translation>{}（{}）</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Click to say what it is, its bands, their scale and the date.</source>
        <translation>单击以说明其类型、波段、比例因子和日期。</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Use another raster layer; you can drop one here from the layer tree too</source>
        <translation>使用另一个栅格图层；也可从图层树拖到这里</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Add a raster layer…</source>
        <translation>添加栅格图层…</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Open QGIS&apos;s data source manager</source>
        <translation>打开 QGIS 的数据源管理器</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Add a raster layer to the project…</source>
        <translation>向项目添加栅格图层…</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Sentinel-2</source>
        <translation>Sentinel-2</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Sentinel-1</source>
        <translation>Sentinel-1</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Landsat</source>
        <translation>Landsat</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Aerial image</source>
        <translation>航空影像</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Hyperspectral</source>
        <translation>高光谱</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Elevation</source>
        <translation>高程</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Other</source>
        <translation>其他</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>as you said</source>
        <translation>据您所说</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>from its temporal properties</source>
        <translation>来自时态属性</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>from its bands</source>
        <translation>来自波段</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>from its metadata</source>
        <translation>来自元数据</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>from its name</source>
        <translation>来自名称</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>from its pixels</source>
        <translation>来自像元</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>1 band</source>
        <translation>1 个波段</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>{} bands</source>
        <translation>{} 个波段</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>{}, not named</source>
        <translation>{}，未命名</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>{}?</source>
        <translation>{}？</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>{}, {}</source>
        <translation>{}，{}</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Taken {}, {}</source>
        <translation>获取于 {}，{}</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>{} m</source>
        <translation>{} m</translation>
    </message>
    <message>
        <location filename="../../ui/licence_words.py"/>
        <source>{}; {} packages under NVIDIA&apos;s own</source>
        <translation>{}；{} 个软件包采用 NVIDIA 自己的许可</translation>
    </message>
    <message>
        <location filename="../../ui/licence_words.py"/>
        <source>{}. The list names each, and those of models.</source>
        <translation>{}。列表逐一列出，包括各模型的许可。</translation>
    </message>
    <message>
        <location filename="../../ui/licence_words.py"/>
        <source>Weights of models, fetched when one is first used:</source>
        <translation>模型权重，首次使用时下载：</translation>
    </message>
    <message>
        <location filename="../../ui/magnitude_plot.py"/>
        <source>How much ground has which magnitude</source>
        <translation>各幅度的地面面积</translation>
    </message>
    <message>
        <location filename="../../ui/magnitude_plot.py"/>
        <source>How much ground has which magnitude; what counts as changed is coloured</source>
        <translation>各幅度的地面面积；着色部分算作变化</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Classify as taught</source>
        <translation>用训练的分类器分类</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Classes</source>
        <translation>类别</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Maps the classes of a classifier that was taught from samples.</source>
        <translation>用由样本训练的分类器绘制类别图。</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Map with a ready model</source>
        <translation>用现成模型制图</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Maps what a complete network was trained for, as clouds and their shadows.</source>
        <translation>绘制完整网络所训练的内容，如云及云影。</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Measure with a ready model</source>
        <translation>用现成模型测量</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Values</source>
        <translation>数值</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Maps numbers that a complete network was trained for, as heights or shares of cover.</source>
        <translation>绘制完整网络所训练的数值，如高度或覆盖比例。</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Refine pixels</source>
        <translation>细化像元</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Finer image</source>
        <translation>更精细的影像</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Draws the image with smaller pixels, by a super-resolution network.</source>
        <translation>用超分辨率网络以更小的像元绘制影像。</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Group what looks alike</source>
        <translation>相似分组</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Groups</source>
        <translation>分组</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Divides the image into groups, without any labels.</source>
        <translation>无需标注，将影像分为若干组。</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Find places like these</source>
        <translation>查找相似位置</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Similarity</source>
        <translation>相似度</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Maps how much each place looks like your examples.</source>
        <translation>绘制每个位置与样例的相似程度。</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Make features for other tools</source>
        <translation>为其他工具生成特征</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Features</source>
        <translation>特征</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Writes what the model sees as a raster of many bands.</source>
        <translation>将模型所见写成多波段栅格。</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>What to make of the layers</source>
        <translation>用图层做什么</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>How many groups to divide the image into</source>
        <translation>将影像分成多少组</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Points or polygons on what is looked for; one is enough</source>
        <translation>位于目标上的点或多边形；一个即可</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Knowledge</source>
        <translation>知识</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Teach one from samples</source>
        <translation>由样本训练一个</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Turn to the page Teach</source>
        <translation>转到“训练”页</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>There is no classifier yet. Teach one, or open a file that ends in .geofm.</source>
        <translation>还没有分类器。请训练一个，或打开以 .geofm 结尾的文件。</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Confidence map</source>
        <translation>置信度图</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>How sure the model is of each pixel, in percent</source>
        <translation>模型对每个像元的把握，以百分比表示</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Probability of each class</source>
        <translation>各类别的概率</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>One band a class; what Knowledge below goes by</source>
        <translation>每类一个波段；下方“知识”以此为据</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Polygons with area and confidence</source>
        <translation>带面积和置信度的多边形</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>The map as areas of one class each, to count and to edit</source>
        <translation>把地图变成单一类别的区域，便于统计和编辑</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Outline what is unlike the samples</source>
        <translation>勾出与样本不相似之处</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Hatched areas where the classifier can only guess</source>
        <translation>分类器只能猜测的区域，以晕线显示</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source> % sure</source>
        <translation> % 把握</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Map everything</source>
        <translation>全部制图</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>What the classifier is less sure of is called unknown</source>
        <translation>低于此把握的称为未知</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>At least</source>
        <translation>至少</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Task</source>
        <translation>任务</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Add a raster layer to begin.</source>
        <translation>请先添加栅格图层。</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Teach a classifier first, or open one.</source>
        <translation>请先训练或打开一个分类器。</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Add a layer with a point or polygon on what you look for.</source>
        <translation>请添加在目标上有点或多边形的图层。</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Confidence</source>
        <translation>置信度</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Unlike anything labelled</source>
        <translation>与任何标注都不相似</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Polygons</source>
        <translation>多边形</translation>
    </message>
    <message>
        <location filename="../../ui/messages.py"/>
        <source>Starting</source>
        <translation>正在开始</translation>
    </message>
    <message>
        <location filename="../../ui/messages.py"/>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <location filename="../../ui/messages.py"/>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Models for this task, the best for your layer first</source>
        <translation>适合此任务的模型，最适合您图层的在前</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Use the features of another model too</source>
        <translation>同时使用另一模型的特征</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>The model whose features join those of the first</source>
        <translation>其特征与第一个模型合并的模型</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Open a model or classifier file</source>
        <translation>打开模型或分类器文件</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>There is no model for this task yet.</source>
        <translation>此任务还没有模型。</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Models (*.geofm *.json *.onnx *.pt *.pth)</source>
        <translation>模型 (*.geofm *.json *.onnx *.pt *.pth)</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Open a model or classifier</source>
        <translation>打开模型或分类器</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>{} is open, but it is not for this task.</source>
        <translation>{} 已打开，但不适用于此任务。</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Recommended. {}</source>
        <translation>推荐。{}</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Run downloads {} first.</source>
        <translation>运行时会先下载 {}。</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Run downloads it first.</source>
        <translation>运行时会先下载它。</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Stop; the part that came is kept</source>
        <translation>停止；已下载部分会保留</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Lacks</source>
        <translation>缺少</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>not stated</source>
        <translation>未说明</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Open the licence in the browser</source>
        <translation>在浏览器中打开许可证</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Terms</source>
        <translation>条款</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Copy the citation</source>
        <translation>复制引用</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Cite</source>
        <translation>引用</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Verified</source>
        <translation>已校验</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Open the folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Lies in</source>
        <translation>位于</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Fetch the weights now; a run would do it too</source>
        <translation>立即获取权重；运行时也会自动获取</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Verify</source>
        <translation>校验</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Read the files again and hold them to their digests</source>
        <translation>重新读取文件并与校验值比较</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Delete the files from this machine</source>
        <translation>从本机删除文件</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Remove the files of {} from this machine?</source>
        <translation>从本机移除 {} 的文件？</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Remove a model</source>
        <translation>移除模型</translation>
    </message>
    <message>
        <location filename="../../ui/model_row.py"/>
        <source>taught</source>
        <translation>已训练</translation>
    </message>
    <message>
        <location filename="../../ui/model_row.py"/>
        <source>built in</source>
        <translation>内置</translation>
    </message>
    <message>
        <location filename="../../ui/model_row.py"/>
        <source>here</source>
        <translation>在本机</translation>
    </message>
    <message>
        <location filename="../../ui/model_row.py"/>
        <source>to download</source>
        <translation>待下载</translation>
    </message>
    <message>
        <location filename="../../ui/model_row.py"/>
        <source>any raster</source>
        <translation>任何栅格</translation>
    </message>
    <message>
        <location filename="../../ui/model_work.py"/>
        <source>Downloaded and verified.</source>
        <translation>已下载并校验。</translation>
    </message>
    <message>
        <location filename="../../ui/model_work.py"/>
        <source>Every file matches its digest.</source>
        <translation>所有文件与校验值一致。</translation>
    </message>
    <message>
        <location filename="../../ui/model_work.py"/>
        <source>Removed.</source>
        <translation>已移除。</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Token for gated models</source>
        <translation>受限模型的令牌</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>For this layer</source>
        <translation>适合此图层</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Not for this layer</source>
        <translation>不适合此图层</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Show all models</source>
        <translation>显示所有模型</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Clear the search and the filters</source>
        <translation>清除搜索和筛选</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Search: name, sensor, band, task, licence</source>
        <translation>搜索：名称、传感器、波段、任务、许可证</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Words out of a model&apos;s name, family, sensors, bands, tasks or licence</source>
        <translation>模型名称、系列、传感器、波段、任务或许可证中的词</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Clear the search</source>
        <translation>清除搜索</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Only models for this task</source>
        <translation>仅适用于此任务的模型</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Teach from samples</source>
        <translation>由样本训练</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Find changes</source>
        <translation>查找变化</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>All tasks</source>
        <translation>所有任务</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Only models that fit the layer, or that are on this machine</source>
        <translation>仅适合图层或在本机上的模型</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>All models</source>
        <translation>所有模型</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Fit my layer</source>
        <translation>适合我的图层</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>On this machine</source>
        <translation>在本机</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>{} models</source>
        <translation>{} 个模型</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>{} of {} models</source>
        <translation>{} / {} 个模型</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Its name in the list of models</source>
        <translation>模型列表中的名称</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Leave the file where it is</source>
        <translation>文件保留在原处</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Choose</source>
        <translation>选择</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Maps classes</source>
        <translation>绘制类别</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Measures values</source>
        <translation>测量数值</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Refines pixels</source>
        <translation>细化像元</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Makes features</source>
        <translation>生成特征</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Finds objects (in a later version)</source>
        <translation>检测目标（以后的版本）</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>What the network makes of an image</source>
        <translation>网络对影像做什么</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>red, green, blue</source>
        <translation>红、绿、蓝</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Names in the network&apos;s order, with commas: B02, B03, red, nir, VV</source>
        <translation>按网络顺序的名称，用逗号分隔：B02, B03, red, nir, VV</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Reflectance, 0 to 1</source>
        <translation>反射率，0 到 1</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Reflectance times 10000</source>
        <translation>反射率乘以 10000</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Bytes divided by 255</source>
        <translation>字节值除以 255</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Numbers as in the file</source>
        <translation>按文件中的数值</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>The bands&apos; units, as dB</source>
        <translation>波段的单位，如 dB</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>reflectance</source>
        <translation>反射率</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>What the network was trained on; a number is what reflectance is times</source>
        <translation>网络训练所用的数据；数字表示反射率所乘的倍数</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Subtracted after that; one number, one a band, or none</source>
        <translation>之后减去；一个数、每波段一个，或不填</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Divided by then; one number, one a band, or none</source>
        <translation>再除以；一个数、每波段一个，或不填</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Names with their units, with commas: height (m), cover (%)</source>
        <translation>名称及单位，用逗号分隔：高度 (m), 覆盖 (%)</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Metres of the pixels it was made for; empty if that does not matter</source>
        <translation>模型所针对的像元大小（米）；无关紧要则留空</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Pixels along a side of the windows it is given</source>
        <translation>所给窗口一边的像元数</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Pixels that neighbouring windows share; empty for half a window</source>
        <translation>相邻窗口共有的像元数；留空为半个窗口</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>height (m)</source>
        <translation>高度 (m)</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>any</source>
        <translation>任意</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>half a window</source>
        <translation>半个窗口</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>water
forest
field #f4d35e</source>
        <translation>水体
森林
农田 #f4d35e</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>One a line, in the network&apos;s order; with a value and a colour if you like: 3=field #f4d35e</source>
        <translation>每行一个，按网络的顺序；可带值和颜色：3=农田 #f4d35e</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Its card is put beside it; else both are copied to your models</source>
        <translation>模型卡放在文件旁；否则两者都复制到您的模型中</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>It takes {} bands.</source>
        <translation>它需要 {} 个波段。</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>It answers {} classes.</source>
        <translation>它输出 {} 个类别。</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Does</source>
        <translation>用途</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Scaled as</source>
        <translation>数值缩放</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Mean, deviation</source>
        <translation>均值、标准差</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Pixel, m</source>
        <translation>像元，米</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Window, overlap</source>
        <translation>窗口、重叠</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Add the model</source>
        <translation>添加模型</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Write its card; it is then listed and can be used</source>
        <translation>写入模型卡；之后即列出并可使用</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Add nothing</source>
        <translation>不添加</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Still to answer: {}?</source>
        <translation>尚需回答：{}？</translation>
    </message>
    <message>
        <location filename="../../ui/path_field.py"/>
        <source>Choose: {}</source>
        <translation>选择：{}</translation>
    </message>
    <message>
        <location filename="../../ui/place_mark.py"/>
        <source>{} lies where the map&apos;s coordinate system does not reach.</source>
        <translation>{} 超出地图坐标系的适用范围。</translation>
    </message>
    <message>
        <location filename="../../ui/place_mark.py"/>
        <source>Choose another coordinate system for the project.</source>
        <translation>请为项目选择其他坐标系。</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} pixels on {}</source>
        <translation>{} 像元，设备 {}</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} more in the details.</source>
        <translation>详情中还有 {} 条。</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>Accuracy {} % on samples left out</source>
        <translation>留出样本的精度 {} %</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>Accuracy {} %, F1 {} on samples left out</source>
        <translation>留出样本的精度 {} %，F1 {}</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} changed</source>
        <translation>变化 {}</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>Threshold {}</source>
        <translation>阈值 {}</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{}: {}</source>
        <translation>{}：{}</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} % before</source>
        <translation>前期 {} %</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} % after</source>
        <translation>后期 {} %</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>Cloud, shadow, snow and fill left out: {}</source>
        <translation>已排除云、云影、雪和填充值：{}</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>Whether the dates lie on one another could not be told</source>
        <translation>无法判断两期影像是否对齐</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>A shift of {} pixels ({} m) was corrected</source>
        <translation>已校正 {} 像元（{} m）的偏移</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>The dates lie {} pixels ({} m) apart</source>
        <translation>两期影像相差 {} 像元（{} m）</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>Light matched by {} pixels that did not change</source>
        <translation>已用 {} 个未变化像元匹配光照</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} with a break, in {} dates</source>
        <translation>{} 有突变，共 {} 个日期</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>Accuracy {} % at {} places</source>
        <translation>精度 {} %，{} 个位置</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} ({} to {})</source>
        <translation>{}（{} 至 {}）</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} points; they tell the accuracy to about {} % either way</source>
        <translation>{} 个点；精度可知到上下约 {} %</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} km²</source>
        <translation>{} km²</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} ha</source>
        <translation>{} ha</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} m²</source>
        <translation>{} m²</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Keep all</source>
        <translation>全部保留</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Smaller areas become part of what surrounds them; the raster stays</source>
        <translation>更小的区域并入周围；栅格不变</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Smallest</source>
        <translation>最小</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Edges of the pixels</source>
        <translation>像元边缘</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source> pixels</source>
        <translation> 像元</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>How far borders may move to get smoother: 2 rounds off the steps. Neighbours stay joined.</source>
        <translation>为平滑边界可移动多远：2 可磨去台阶。相邻多边形保持相接。</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Smooth by</source>
        <translation>平滑</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Area</source>
        <translation>区域</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Of the first layer</source>
        <translation>第一个图层</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Of the finest layer</source>
        <translation>最精细的图层</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Whose pixels the result has; the other layers are brought onto them</source>
        <translation>结果采用谁的像元；其他图层将对齐到它</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Grid</source>
        <translation>格网</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Pixel size at which layers that are no files are copied</source>
        <translation>复制非文件图层时的像元大小</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Pixel size</source>
        <translation>像元大小</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>about {} pixels of {}</source>
        <translation>约 {} 像元，每个 {}</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Run</source>
        <translation>运行</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Run (Ctrl+Enter)</source>
        <translation>运行（Ctrl+Enter）</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>The engine: its state, update, repair, remove</source>
        <translation>引擎：状态、更新、修复、移除</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Stop; nothing half done is left behind (Esc)</source>
        <translation>停止；不留下半成品（Esc）</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Stopping</source>
        <translation>正在停止</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>about {} left</source>
        <translation>剩余约 {}</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Report</source>
        <translation>报告</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Open the accuracy report in the browser</source>
        <translation>在浏览器中打开精度报告</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>The log of the run</source>
        <translation>运行日志</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Copy message and log</source>
        <translation>复制消息和日志</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Clear the message</source>
        <translation>清除消息</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Log of the run</source>
        <translation>运行日志</translation>
    </message>
    <message>
        <location filename="../../ui/runner.py"/>
        <source>There is no algorithm {}.</source>
        <translation>没有算法 {}。</translation>
    </message>
    <message>
        <location filename="../../ui/runner.py"/>
        <source>Enable the plugins Processing and GeoFM.</source>
        <translation>请启用插件 Processing 和 GeoFM。</translation>
    </message>
    <message>
        <location filename="../../ui/runner.py"/>
        <source>The run was cancelled.</source>
        <translation>运行已取消。</translation>
    </message>
    <message>
        <location filename="../../ui/runner.py"/>
        <source>Done in {}: {}</source>
        <translation>完成，用时 {}：{}</translation>
    </message>
    <message>
        <location filename="../../ui/runner.py"/>
        <source>The run was cancelled. Run it again to go on where it was.</source>
        <translation>运行已取消。再次运行即可从中断处继续。</translation>
    </message>
    <message>
        <location filename="../../ui/runner.py"/>
        <source>The algorithm failed without a message.</source>
        <translation>算法失败，未给出消息。</translation>
    </message>
    <message>
        <location filename="../../ui/runner.py"/>
        <source>Step {} of {}: {}</source>
        <translation>第 {} 步，共 {} 步：{}</translation>
    </message>
    <message>
        <location filename="../../ui/series_folder.py"/>
        <source>Folder of rasters of many dates</source>
        <translation>多日期栅格文件夹</translation>
    </message>
    <message>
        <location filename="../../ui/series_folder.py"/>
        <source>Dates of {}</source>
        <translation>{} 的各日期</translation>
    </message>
    <message>
        <location filename="../../ui/series_folder.py"/>
        <source>{} dates of {}, {} to {}</source>
        <translation>{1} 的 {0} 个日期，{2} 至 {3}</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>The folder for the engine, models and all else that GeoFM keeps</source>
        <translation>存放引擎、模型以及 GeoFM 保留的其他一切的文件夹</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>The variable GEOFM_HOME says where: there it is changed.</source>
        <translation>位置由变量 GEOFM_HOME 指定：请在那里更改。</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>In {} stay: {}. Choose that folder again to use them.</source>
        <translation>{} 中保留：{}。要使用它们，请重新选择该文件夹。</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>{} {} The former folder goes on being used.</source>
        <translation>{} {} 继续使用原来的文件夹。</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>the engine</source>
        <translation>引擎</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>models and classifiers</source>
        <translation>模型和分类器</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>labels</source>
        <translation>标注</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>areas</source>
        <translation>区域</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>unfinished runs</source>
        <translation>未完成的运行</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>kept encodings</source>
        <translation>保留的编码</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>The Python to make the engine&apos;s with</source>
        <translation>用于创建引擎的 Python</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>GPU if there is one</source>
        <translation>有 GPU 则使用</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Processor</source>
        <translation>处理器</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>NVIDIA GPU</source>
        <translation>NVIDIA GPU</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>What the libraries are built for; those for a GPU are larger</source>
        <translation>库针对何种设备构建；GPU 版更大</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Address of your own package index, for networks that reach no other</source>
        <translation>自有软件包索引的地址，用于无法访问其他索引的网络</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Addresses of further indexes, with spaces between: such as PyTorch&apos;s own index for a GPU, which its page Get Started on pytorch.org gives</source>
        <translation>更多索引的地址，以空格分隔：例如 PyTorch 为 GPU 提供的索引，其地址见 pytorch.org 的 Get Started 页面</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Address of a proxy, such as http://proxy.example:3128</source>
        <translation>代理地址，如 http://proxy.example:3128</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>A PEM file with the authorities to trust</source>
        <translation>含受信任证书颁发机构的 PEM 文件</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>A folder that python -m geofm bundle wrote; nothing is fetched from a network</source>
        <translation>由 python -m geofm bundle 写出的文件夹；不从网络获取任何内容</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Data folder</source>
        <translation>数据文件夹</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Python</source>
        <translation>Python</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Built for</source>
        <translation>构建目标</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Package index</source>
        <translation>软件包索引</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Further indexes</source>
        <translation>更多索引</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Proxy</source>
        <translation>代理</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Certificates</source>
        <translation>证书</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>From a folder (offline)</source>
        <translation>从文件夹（离线）</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>ONNX networks on processors that have units for bf16</source>
        <translation>在带 bf16 单元的处理器上运行 ONNX 网络</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Found by itself</source>
        <translation>自动查找</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>As pip is configured</source>
        <translation>按 pip 的配置</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>None in QGIS&apos;s settings</source>
        <translation>QGIS 设置中没有</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Those of this system</source>
        <translation>本系统的</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>None: over the network</source>
        <translation>无：通过网络</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>The name and password in this address are not shown.</source>
        <translation>此地址中的用户名和密码不显示。</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Write them again, or none.</source>
        <translation>请重新输入，或不填。</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>With OpenVINO</source>
        <translation>使用 OpenVINO</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>All packages with their versions and licences</source>
        <translation>所有软件包及其版本和许可</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>New</source>
        <translation>新内容</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Installs</source>
        <translation>安装内容</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Licences</source>
        <translation>许可</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Into</source>
        <translation>位置</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Computes on</source>
        <translation>计算设备</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Packages</source>
        <translation>软件包</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Set up</source>
        <translation>安装</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Make the engine&apos;s Python; it can be cancelled and gone on with</source>
        <translation>创建引擎的 Python；可取消，之后继续</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Check again</source>
        <translation>再次检查</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Look whether the engine is there now</source>
        <translation>检查引擎现在是否可用</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Repair</source>
        <translation>修复</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Look at every file, and make the engine anew if one is damaged</source>
        <translation>检查每个文件，如有损坏则重新创建引擎</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Delete the engine&apos;s Python from this machine</source>
        <translation>从本机删除引擎的 Python</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Copy report</source>
        <translation>复制报告</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>What is installed and what is wrong, without passwords</source>
        <translation>已安装的内容和存在的问题，不含密码</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Looking at this machine …</source>
        <translation>正在查看本机 …</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Remove the engine from this machine? Models, classifiers and results stay.</source>
        <translation>从本机移除引擎？模型、分类器和结果会保留。</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Remove the engine</source>
        <translation>移除引擎</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>The engine is being set up</source>
        <translation>正在安装引擎</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>The engine can be updated</source>
        <translation>引擎可以更新</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>The engine needs an update</source>
        <translation>引擎需要更新</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Set up the engine</source>
        <translation>安装引擎</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>The set-up was not finished</source>
        <translation>安装尚未完成</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>The engine is ready</source>
        <translation>引擎已就绪</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>It is the Python that the variable GEOFM_PYTHON names; GeoFM leaves it as it is.</source>
        <translation>这是变量 GEOFM_PYTHON 指定的 Python；GeoFM 不会改动它。</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Correct the variable GEOFM_PYTHON or remove it, start QGIS again, or check again.</source>
        <translation>请改正或删除变量 GEOFM_PYTHON 并重启 QGIS，或再次检查。</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>GeoFM computes in a Python of its own: it cannot break QGIS, and one click removes it.</source>
        <translation>GeoFM 在自己的 Python 中计算：不会损坏 QGIS，一键即可移除。</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>What was downloaded is kept; nothing half made is ever used.</source>
        <translation>已下载的内容会保留；未完成的环境绝不会被使用。</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>It goes on working until you update it.</source>
        <translation>在更新之前它可继续工作。</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Finish the set-up</source>
        <translation>完成安装</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Update</source>
        <translation>更新</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Apply what was chosen</source>
        <translation>应用所选</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Fetching Python</source>
        <translation>正在获取 Python</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Making a place for the libraries</source>
        <translation>正在为库准备位置</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Installing libraries</source>
        <translation>正在安装库</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Unpacking libraries</source>
        <translation>正在解压库</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Trying the libraries</source>
        <translation>正在试用库</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Removing</source>
        <translation>正在移除</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} of {} {}</source>
        <translation>{} / {} {}</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} packages</source>
        <translation>{} 个软件包</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} and {} more</source>
        <translation>{} 等，另有 {} 个</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} to download</source>
        <translation>需下载 {}</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} on disk</source>
        <translation>占用磁盘 {}</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} free</source>
        <translation>可用 {}</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>GPU</source>
        <translation>GPU</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{}. {}</source>
        <translation>{}。{}</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} {} (so far {})</source>
        <translation>{} {}（目前为 {}）</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} {}</source>
        <translation>{} {}</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>The same packages, by a newer list</source>
        <translation>相同的软件包，按更新的列表</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{}, which is downloaded</source>
        <translation>{}（将下载）</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>First steps: add a raster layer, look at what page Map proposes, press Run.</source>
        <translation>第一步：添加栅格图层，查看“地图”页的建议，然后按“运行”。</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Look at the data folder</source>
        <translation>检查数据文件夹</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Look at this machine</source>
        <translation>查看本机</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Set up GeoFM&apos;s engine</source>
        <translation>安装 GeoFM 引擎</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Repair GeoFM&apos;s engine</source>
        <translation>修复 GeoFM 引擎</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Remove GeoFM&apos;s engine</source>
        <translation>移除 GeoFM 引擎</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Report on GeoFM&apos;s engine</source>
        <translation>关于 GeoFM 引擎的报告</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Gathering what is known …</source>
        <translation>正在收集已知信息 …</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Made in {}</source>
        <translation>已完成，用时 {}</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>The engine is ready.</source>
        <translation>引擎已就绪。</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>The engine is removed.</source>
        <translation>引擎已移除。</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>{} are free again; models, classifiers and results stay.</source>
        <translation>已释放 {}；模型、分类器和结果会保留。</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>The report is on the clipboard. Passwords and tokens were left out.</source>
        <translation>报告已在剪贴板中。已略去密码和令牌。</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>The whole layer</source>
        <translation>整个图层</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>What the map shows</source>
        <translation>地图所示范围</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>A part costs what it covers: try a small one first</source>
        <translation>只计算所选部分：先试一小块</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>Folder for results</source>
        <translation>结果文件夹</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>Temporary files</source>
        <translation>临时文件</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>Empty: results are temporary, as Processing&apos;s are. A folder keeps them.</source>
        <translation>留空：结果为临时文件，与处理工具相同。指定文件夹则会保留。</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>Choose the folder</source>
        <translation>选择文件夹</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>The folder for results does not exist.</source>
        <translation>结果文件夹不存在。</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>{} pixels</source>
        <translation>{} 像元</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>{} pixels of {}</source>
        <translation>{} 像元，每个 {}</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>{}, about {}</source>
        <translation>{}，约 {}</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>Download and begin</source>
        <translation>下载并开始</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>Fetch the model&apos;s weights, then open the image with it</source>
        <translation>获取模型权重，然后用它打开影像</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>Check a map</source>
        <translation>检查地图</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>{} classes came with the classifier.</source>
        <translation>分类器带来 {} 个类别。</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>Name at least two classes to tell apart.</source>
        <translation>请至少命名两个要区分的类别。</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>Label at least two classes on the map.</source>
        <translation>请在地图上至少标注两个类别。</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>Download the model first, or choose another.</source>
        <translation>请先下载模型，或选择其他模型。</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>There is nothing taught to map with yet.</source>
        <translation>还没有学到可用于制图的内容。</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>The image is being opened.</source>
        <translation>正在打开影像。</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>The classifier is being saved.</source>
        <translation>正在保存分类器。</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>{} taught on {}</source>
        <translation>{}，训练自 {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/bulk.py"/>
        <source>Cancelled; the labels are as they were.</source>
        <translation>已取消；标注保持原样。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/bulk.py"/>
        <source>Give it up; the labels stay as they were</source>
        <translation>放弃；标注保持原样</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>The map of classes that is to be checked</source>
        <translation>要检查的分类图</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Two of each class at least; 50 of each are usual</source>
        <translation>每类至少两个；通常每类 50 个</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Draw points</source>
        <translation>抽取点</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Draw check points of the map at random, each class by itself</source>
        <translation>从地图随机抽取检查点，各类别分别抽取</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Check points that were drawn, now or earlier</source>
        <translation>现在或以前抽取的检查点</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Go on checking</source>
        <translation>继续检查</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Go to the next point without an answer; the map is put out of sight</source>
        <translation>转到下一个未回答的点；地图会被隐藏</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Assess the map</source>
        <translation>评定地图精度</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Accuracy and areas with intervals, from the points that have an answer</source>
        <translation>由已回答的点得出精度和面积及其区间</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Draw points of a map at random and say what is really there: that tells how right it is.</source>
        <translation>从地图随机抽取点，并说明那里实际是什么：由此可知地图有多准确。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>How many</source>
        <translation>数量</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Points</source>
        <translation>点</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Clear the answer</source>
        <translation>清除回答</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Point {}</source>
        <translation>点 {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>{} of {} checked</source>
        <translation>已检查 {} / {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>The answer could not be written to {}.</source>
        <translation>无法将回答写入 {}。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Check points of {}</source>
        <translation>{} 的检查点</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Accuracy of {}</source>
        <translation>{} 的精度</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Ensemble (most accurate)</source>
        <translation>集成（最准确）</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Fast</source>
        <translation>快速</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Nearest mean</source>
        <translation>最近均值</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Nearest neighbours</source>
        <translation>最近邻</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Random forest</source>
        <translation>随机森林</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Small neural network</source>
        <translation>小型神经网络</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>How the classifier learns from the model&apos;s features</source>
        <translation>分类器如何从模型的特征学习</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Named after the image</source>
        <translation>以影像命名</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>The classifier appears under this name on the pages Map and Models</source>
        <translation>分类器以此名称出现在“地图”和“模型”页</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Where the classifier is less sure than this it does not guess: no class</source>
        <translation>分类器把握低于此值时不作猜测：无类别</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Hatch what is unlike any label</source>
        <translation>用晕线标出与任何标注都不相似之处</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Places that nothing labelled resembles</source>
        <translation>与所有标注都不相似的位置</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>How sure the classifier is of each pixel, in percent</source>
        <translation>分类器对每个像元的把握，以百分比表示</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Remove the class and its labels (undo brings them back)</source>
        <translation>移除类别及其标注（可撤销）</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Rename (F2)</source>
        <translation>重命名（F2）</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Move up (Alt+Up)</source>
        <translation>上移（Alt+↑）</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Move down (Alt+Down)</source>
        <translation>下移（Alt+↓）</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Remove (Del)</source>
        <translation>移除（Del）</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Draw {}</source>
        <translation>绘制 {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Draw {} (key {} on the map)</source>
        <translation>绘制 {}（地图上按 {} 键）</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Arrow keys choose, Alt+Up and Alt+Down move the class</source>
        <translation>方向键选择，Alt+↑ 和 Alt+↓ 移动类别</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Name of class {}</source>
        <translation>类别 {} 的名称</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>{}: type to rename it</source>
        <translation>{}：输入以重命名</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Name two classes to begin: what is the map to tell apart?</source>
        <translation>先命名两个类别：地图要区分什么？</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Enter adds it; several at once with commas</source>
        <translation>按 Enter 添加；可用逗号一次添加多个</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Add the class</source>
        <translation>添加此类别</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Add a class</source>
        <translation>添加类别</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Name a class, as forest</source>
        <translation>输入类别名，如森林</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Colour of the class</source>
        <translation>类别颜色</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>The colour of the class</source>
        <translation>该类别的颜色</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>no labels</source>
        <translation>无标注</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>{} · {} px</source>
        <translation>{} · {} px</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Nothing is labelled as this class yet</source>
        <translation>还没有标注为此类别的内容</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>{} labels, {} % of all</source>
        <translation>{} 个标注，占全部的 {} %</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>{} labels on {} pixels, {} % of all</source>
        <translation>{} 个标注，{} 像元，占全部的 {} %</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/keeping.py"/>
        <source>Save classifier</source>
        <translation>保存分类器</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/keeping.py"/>
        <source>Keep it among your models, to map with, to share and to teach on</source>
        <translation>存入您的模型：用于制图、分享和继续训练</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/keeping.py"/>
        <source>Also map…</source>
        <translation>也用于制图…</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/keeping.py"/>
        <source>Save it, and choose many images to map with it</source>
        <translation>保存，并选择多幅影像用它制图</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/keeping.py"/>
        <source>Saved as {}.</source>
        <translation>已保存为 {}。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Click: each click on the map is a label</source>
        <translation>单击：在地图上每次单击即一个标注</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Keys on the map: 1 to 9 and 0 choose the class, C the next one</source>
        <translation>地图上的按键：1 到 9 和 0 选择类别，C 为下一个</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Polygon: clicks set corners; the right button or Enter ends it</source>
        <translation>多边形：单击设置顶点；右键或 Enter 结束</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Backspace takes a corner back, Esc all</source>
        <translation>退格键撤回一个顶点，Esc 全部撤回</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Brush: drag to paint; it joins its class and replaces others</source>
        <translation>画笔：拖动涂绘；与同类合并并替换其他类别</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Shift and the wheel, or [ and ], change its size</source>
        <translation>Shift 加滚轮，或 [ 和 ]，改变大小</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Eraser: a click removes the label under it</source>
        <translation>橡皮：单击移除其下的标注</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source> px</source>
        <translation> px</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Radius of the brush in pixels of the screen ([ and ] on the map)</source>
        <translation>画笔半径，屏幕像素（地图上用 [ 和 ]）</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_book.py"/>
        <source>The labels stay in {}.</source>
        <translation>标注保留在 {}。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_book.py"/>
        <source>Undone: {}.</source>
        <translation>已撤销：{}。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_book.py"/>
        <source>Done again: {}.</source>
        <translation>已重做：{}。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_book.py"/>
        <source>Writing: {}</source>
        <translation>正在写入：{}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_book.py"/>
        <source>Labels are being written.</source>
        <translation>正在写入标注。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_book.py"/>
        <source>Wait for it to end, or cancel it.</source>
        <translation>请等待完成，或取消。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_group.py"/>
        <source>Labels</source>
        <translation>标注</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_panel.py"/>
        <source>Import and library</source>
        <translation>导入与标注库</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>add the class {}</source>
        <translation>添加类别 {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>rename {} to {}</source>
        <translation>将 {} 重命名为 {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>colour {}</source>
        <translation>更改 {} 的颜色</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>move {}</source>
        <translation>移动 {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>remove the class {}</source>
        <translation>移除类别 {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>{} went with its {} labels. Undo brings them back.</source>
        <translation>已移除 {} 及其 {} 个标注。可撤销。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>There is a class {} already.</source>
        <translation>已有类别 {}。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>label {}</source>
        <translation>标注 {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>paint {}</source>
        <translation>涂绘 {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>erase {}</source>
        <translation>擦除 {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>call it {}</source>
        <translation>称为 {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>Importing: {}</source>
        <translation>正在导入：{}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>The coordinate system of the labels does not reach there.</source>
        <translation>标注的坐标系不适用于那里。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>import {} labels</source>
        <translation>导入 {} 个标注</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Choose a layer</source>
        <translation>选择图层</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Points, polygons or lines whose class is known, in any coordinate system</source>
        <translation>已知类别的点、多边形或线，坐标系不限</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>The field that holds the class, as text or number</source>
        <translation>保存类别的字段，文本或数字</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Only selected features</source>
        <translation>仅选中的要素</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Those that are selected in the layer now</source>
        <translation>图层中当前选中的要素</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Import as labels</source>
        <translation>导入为标注</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Copy the features into the labels; one undo takes them out again</source>
        <translation>将要素复制到标注；撤销一次即可全部取出</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Class field</source>
        <translation>类别字段</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Labels (*.gpkg)</source>
        <translation>标注 (*.gpkg)</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Library of labels</source>
        <translation>标注库</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>My library</source>
        <translation>我的标注库</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Where labels of all projects gather: {} unless you choose a file</source>
        <translation>汇集所有项目标注之处：未选择文件时为 {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>of any date</source>
        <translation>任何日期</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>within </source>
        <translation>相差 </translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source> days</source>
        <translation> 天内</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>How far a label&apos;s date may be from the image&apos;s</source>
        <translation>标注日期与影像日期最多相差多少</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Add to library</source>
        <translation>加入标注库</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Copy all labels there; what is there already is brought up to date</source>
        <translation>将所有标注复制到那里；已有的会更新</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Take what lies here</source>
        <translation>取用此处的标注</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Copy the labels of the library that lie on the image</source>
        <translation>复制标注库中位于影像上的标注</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Library</source>
        <translation>标注库</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Work with the labels of another file</source>
        <translation>使用另一文件的标注</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>No labels yet</source>
        <translation>还没有标注</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>A file is made with the first class</source>
        <translation>添加第一个类别时会创建文件</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/preview.py"/>
        <source>Preview: classes</source>
        <translation>预览：类别</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Where next?</source>
        <translation>下一处在哪？</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Go to places whose label would help most</source>
        <translation>转到标注后最有帮助的位置</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Check labels</source>
        <translation>检查标注</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Go to labels that are likely mistakes</source>
        <translation>转到可能有误的标注</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Stop visiting; the keys choose classes again</source>
        <translation>结束浏览；按键重新用于选择类别</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>No place stands out: the map is as sure as these labels can make it.</source>
        <translation>没有突出的位置：这些标注已使地图达到最大把握。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Skip</source>
        <translation>跳过</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>No label looks like a mistake.</source>
        <translation>没有看似有误的标注。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Keep as it is</source>
        <translation>保持原样</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>All visited. Ask again for the next ones.</source>
        <translation>已全部查看。再次请求以获取下一批。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>All visited.</source>
        <translation>已全部查看。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Few labels: {}.</source>
        <translation>标注较少：{}。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Few of the labelled pixels: {}.</source>
        <translation>已标注像元较少：{}。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>what is here?</source>
        <translation>这里是什么？</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>{}, {} % sure</source>
        <translation>{}，{} % 把握</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>{}, likely {}</source>
        <translation>{}，可能是{}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Labelled {}, likely {}.</source>
        <translation>标注为{}，可能是{}。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/state_panel.py"/>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/state_panel.py"/>
        <source>Open the session again; the labels are kept</source>
        <translation>重新打开会话；标注会保留</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/state_panel.py"/>
        <source>Preview</source>
        <translation>预览</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/state_panel.py"/>
        <source>Show the preview; hold H over the map to look beneath it</source>
        <translation>显示预览；在地图上按住 H 查看其下内容</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/state_panel.py"/>
        <source>How much of the preview covers the image</source>
        <translation>预览遮盖影像的程度</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/state_panel.py"/>
        <source>Opacity of the preview</source>
        <translation>预览的不透明度</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>How good is it?</source>
        <translation>效果如何？</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>Leave out labels in turn, and see how many are mapped right</source>
        <translation>轮流留出标注，看有多少被正确制图</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>What did each layer help?</source>
        <translation>每个图层有何帮助？</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>Leave out one layer after the other, and see how much is mapped right</source>
        <translation>依次去掉一个图层，看有多少被正确制图</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>The labels have changed since.</source>
        <translation>此后标注已有改变。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>There are too few labels to tell.</source>
        <translation>标注太少，无法判断。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>{} % of the pixels of labels left out are right.</source>
        <translation>留出标注的像元有 {} % 正确。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>{} % of the pixels of labels left out are right, F1 {}.</source>
        <translation>留出标注的像元有 {} % 正确，F1 {}。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>Its confidence is off by {} %.</source>
        <translation>其置信度偏差 {} %。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>Its confidence is off by {} %, {} % before it was calibrated.</source>
        <translation>其置信度偏差 {} %，校准前为 {} %。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/words.py"/>
        <source>{}: {} %</source>
        <translation>{}：{} %</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/words.py"/>
        <source>{}…</source>
        <translation>{}…</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/words.py"/>
        <source>Getting to know the image…</source>
        <translation>正在了解影像…</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/words.py"/>
        <source>Encoding what the map shows…</source>
        <translation>正在编码地图所示内容…</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/words.py"/>
        <source>Encoding what the map shows: {} %</source>
        <translation>正在编码地图所示内容：{} %</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/words.py"/>
        <source>Ready to learn.</source>
        <translation>可以开始学习。</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/words.py"/>
        <source>The preview is up to date.</source>
        <translation>预览已是最新。</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>The magnitude whose threshold is moved</source>
        <translation>要调整阈值的幅度图层</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>From which magnitude on a place counts as changed</source>
        <translation>幅度达到多少算作变化</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>Threshold of the magnitude</source>
        <translation>幅度的阈值</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>The threshold as a number</source>
        <translation>阈值的数值</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>Set it so that at most so much of the unchanged ground counts as changed</source>
        <translation>使未变化地面中至多有这一比例算作变化</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>Threshold by false alarms</source>
        <translation>按误报率的阈值</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>Make polygons</source>
        <translation>生成多边形</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>Outline what counts as changed now; nothing is computed anew</source>
        <translation>勾出当前算作变化的区域；无需重新计算</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>What counts as changed?</source>
        <translation>什么算作变化？</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>{} % false alarms</source>
        <translation>误报 {} %</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>About {} changed, {} % of what was compared</source>
        <translation>约 {} 变化，占比较范围的 {} %</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>{}, from {} on</source>
        <translation>{}，从 {} 起</translation>
    </message>
    <message>
        <location filename="../../ui/visits.py"/>
        <source>The places; those with a check mark have an answer</source>
        <translation>各个位置；带勾的已有回答</translation>
    </message>
    <message>
        <location filename="../../ui/visits.py"/>
        <source>The place before (key {})</source>
        <translation>上一个位置（{} 键）</translation>
    </message>
    <message>
        <location filename="../../ui/visits.py"/>
        <source>The next place (key {})</source>
        <translation>下一个位置（{} 键）</translation>
    </message>
    <message>
        <location filename="../../ui/visits.py"/>
        <source>Bring the place back to the middle of the map (key {})</source>
        <translation>将该位置移回地图中央（{} 键）</translation>
    </message>
    <message>
        <location filename="../../ui/visits.py"/>
        <source>{}{} of {}: {}</source>
        <translation>{}{} / {}：{}</translation>
    </message>
    <message>
        <location filename="../../ui/visits.py"/>
        <source>{} (key {})</source>
        <translation>{}（{} 键）</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Overall accuracy (0 to 1)</source>
        <translation>总体精度（0 到 1）</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Lower end of its 95 % interval</source>
        <translation>其 95 % 区间的下限</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Upper end of its 95 % interval</source>
        <translation>其 95 % 区间的上限</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Places compared</source>
        <translation>比较的位置数</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Assess a map</source>
        <translation>评定地图精度</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Accuracy and areas of a map, with intervals, from places whose class is known.</source>
        <translation>由已知类别的位置得出地图的精度和各类面积，附区间。</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>accuracy,validation,confusion matrix,error matrix,area estimation,kappa,f1</source>
        <translation>精度,验证,混淆矩阵,误差矩阵,面积估计,kappa,f1</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Reference (points or polygons)</source>
        <translation>参考数据（点或多边形）</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Places whose class is known; check points drawn from the map are best.</source>
        <translation>类别已知的位置；最好是从地图中抽取的检查点。</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Field with the class</source>
        <translation>类别字段</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Names or values of the map&apos;s classes. Places without one are left out.</source>
        <translation>地图类别的名称或值。没有值的位置不计。</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>How the reference was chosen</source>
        <translation>参考数据的选取方式</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>auto: as the fields of check points say. random: at random, over the map or in each class.</source>
        <translation>auto：按检查点字段的说明。random：随机，在整幅地图上或各类别内。</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Map of classes</source>
        <translation>分类图</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>A raster whose values are classes.</source>
        <translation>其值为类别的栅格。</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>HTML files (*.html)</source>
        <translation>HTML 文件 (*.html)</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Figures</source>
        <translation>统计数据</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>JSON files (*.json)</source>
        <translation>JSON 文件 (*.json)</translation>
    </message>
    <message>
        <location filename="../../algorithms/base.py"/>
        <source>Model that was used</source>
        <translation>所用模型</translation>
    </message>
    <message>
        <location filename="../../algorithms/base.py"/>
        <source>Device that was used</source>
        <translation>所用设备</translation>
    </message>
    <message>
        <location filename="../../algorithms/base.py"/>
        <source>Pixels computed</source>
        <translation>计算的像元数</translation>
    </message>
    <message>
        <location filename="../../algorithms/base.py"/>
        <source>Seconds it took</source>
        <translation>用时（秒）</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Area with a break in square metres</source>
        <translation>有突变的面积（平方米）</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Number of dates</source>
        <translation>日期数</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Find breaks in a series</source>
        <translation>查找序列中的突变</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Say of each place of a series of dates when it changed most, by how much and how surely.</source>
        <translation>说明多日期序列中每个位置何时变化最大、变化多少以及有多可靠。</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>time series,break,bfast,deforestation,disturbance,many dates,change</source>
        <translation>时间序列,突变,bfast,毁林,扰动,多日期,变化</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Index or band</source>
        <translation>指数或波段</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>ndvi, nbr, ndmi, ndwi, mndwi, ndre, or a band&apos;s name. Empty: NDVI, or the only band.</source>
        <translation>ndvi、nbr、ndmi、ndwi、mndwi、ndre，或波段名称。留空：NDVI，或唯一的波段。</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Waves of a year&apos;s season</source>
        <translation>一年季节的谐波数</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>1 for a smooth season; 2 or 3 for double crops, which take more dates.</source>
        <translation>季节变化平缓用 1；一年两熟用 2 或 3，需要更多日期。</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Significance</source>
        <translation>显著性水平</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Share of places without any break that noise alone may have break.</source>
        <translation>没有突变的位置中，允许仅因噪声被判为突变的比例。</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Series</source>
        <translation>序列</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Eight or more dates of the same bands: layers, or a folder of files.</source>
        <translation>八个或更多日期的相同波段：图层，或文件所在的文件夹。</translation>
    </message>
    <message>
        <location filename="../../algorithms/calls.py"/>
        <source>The algorithm did not start.</source>
        <translation>算法未能启动。</translation>
    </message>
    <message>
        <location filename="../../algorithms/calls.py"/>
        <source>QGIS is not initialised.</source>
        <translation>QGIS 尚未初始化。</translation>
    </message>
    <message>
        <location filename="../../algorithms/calls.py"/>
        <source>Start the script with QgsApplication([], False) and initQgis().</source>
        <translation>请在脚本开头使用 QgsApplication([], False) 和 initQgis()。</translation>
    </message>
    <message>
        <location filename="../../algorithms/calls.py"/>
        <source>The algorithm geofm:{} is of another copy of GeoFM.</source>
        <translation>算法 geofm:{} 属于另一份 GeoFM。</translation>
    </message>
    <message>
        <location filename="../../algorithms/calls.py"/>
        <source>The result {} cannot be opened.</source>
        <translation>无法打开结果 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Threshold that was used</source>
        <translation>所用阈值</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Changed area in square metres</source>
        <translation>变化面积（平方米）</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Detect change</source>
        <translation>变化检测</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Compare two dates by what a model sees and map what is different.</source>
        <translation>按模型所见比较两个日期，并绘制不同之处。</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>change detection,difference,two dates,bitemporal,deforestation</source>
        <translation>变化检测,差异,两期,双时相,毁林</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Earlier image</source>
        <translation>前期影像</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Layers of the earlier date.</source>
        <translation>前期的图层。</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Later image</source>
        <translation>后期影像</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Layers of the later date.</source>
        <translation>后期的图层。</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Date of the earlier image</source>
        <translation>前期影像的日期</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Date of the later image</source>
        <translation>后期影像的日期</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Magnitude of change</source>
        <translation>变化幅度</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Table of areas</source>
        <translation>面积表</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>CSV files (*.csv)</source>
        <translation>CSV 文件 (*.csv)</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>distance: of what the model sees. irmad: multivariate alteration of the bands, without a model. difference: of the bands as they are. taught: by labelled changes. classes: what a classifier, or a model that segments, maps on both dates.</source>
        <translation>distance：模型所见的差异。irmad：波段的多元变化，无需模型。difference：波段直接相减。taught：由标注的变化学习。classes：比较分类器或分割模型对两期所制的图。</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Empty: chosen from the image itself; the log says which.</source>
        <translation>留空：由影像本身选定；日志会说明取值。</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Sets the threshold so that no more is called change where nothing changed.</source>
        <translation>设定阈值，使未变化处被判为变化的不超过此比例。</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Bring the later image to the light of the earlier one</source>
        <translation>将后期影像调整到前期影像的光照</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Band by band, from pixels that did not change.</source>
        <translation>逐波段进行，依据未变化的像元。</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Where the images lie beside one another</source>
        <translation>两期影像未对齐时</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>correct moves the later image by parts of a pixel, warn only tells, off does not look.</source>
        <translation>correct 以亚像元精度移动后期影像，warn 只报告，off 不检查。</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Cloud, shadow and snow</source>
        <translation>云、云影和雪</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Left out on both dates: by a band such as Fmask or SCL, by a model, or auto by what there is.</source>
        <translation>在两期中都排除：按 Fmask 或 SCL 等波段、按模型，或用 auto 视现有数据而定。</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Labelled changes (points or polygons)</source>
        <translation>标注的变化（点或多边形）</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>For the method taught: places that changed, and places that did not.</source>
        <translation>用于 taught 方法：发生变化和未变化的位置。</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Field that says what changed</source>
        <translation>说明变化内容的字段</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Classifier of both dates</source>
        <translation>用于两期的分类器</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>For the method classes, in place of the model: its classes are compared.</source>
        <translation>用于 classes 方法，代替模型：比较其类别。</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Points drawn</source>
        <translation>抽取的点数</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Standard error to expect (0 to 1)</source>
        <translation>预期标准误差（0 到 1）</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Draw check points</source>
        <translation>抽取检查点</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Draw a random sample of a map, to be checked point by point.</source>
        <translation>从地图中抽取随机样本，逐点检查。</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>accuracy,sampling,stratified,random points,validation,reference,ground truth</source>
        <translation>精度,抽样,分层,随机点,验证,参考数据,地面真值</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Number of points</source>
        <translation>点数</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Two of each class at least; 50 of each are usual. Not used with a standard error.</source>
        <translation>每类至少两个；通常每类 50 个。给定标准误差时不使用。</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Or standard error of the accuracy to reach</source>
        <translation>或要达到的精度标准误差</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>0.02 lets the overall accuracy be known to about 0.04 either way.</source>
        <translation>0.02 可使总体精度的误差约为上下 0.04。</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Points of each class</source>
        <translation>各类别的点数分配</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>By area with a minimum for rare classes (mixed), by area alone, or the same for each.</source>
        <translation>按面积并保证稀有类别的最小数量（mixed）、仅按面积，或各类相同。</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Check points</source>
        <translation>检查点</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Minimum for rare classes</source>
        <translation>稀有类别的最小点数</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>With mixed: as far as half of all points suffice for it.</source>
        <translation>用于 mixed：以全部点数的一半为限。</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Accuracy to expect</source>
        <translation>预期精度</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>From 0 to 1; it decides how many points a standard error takes.</source>
        <translation>0 到 1；决定达到给定标准误差需要多少点。</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Do not tell what the map shows</source>
        <translation>不透露地图的结果</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Who knows the map&apos;s answer tends to agree with it.</source>
        <translation>知道地图答案的人往往会认同它。</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Seed of the draw</source>
        <translation>抽取的随机种子</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>The same seed draws the same points; another one draws others.</source>
        <translation>相同的种子抽取相同的点，不同的种子抽取不同的点。</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>The number of points must be 1 at least.</source>
        <translation>点数至少为 1。</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>Percent of the pixels called unknown</source>
        <translation>称为未知的像元百分比</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>Percent of the pixels unlike anything labelled</source>
        <translation>与任何标注都不相似的像元百分比</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>Classify</source>
        <translation>分类</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>Map the classes that a classifier was taught.</source>
        <translation>用训练好的分类器绘制类别图。</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>classification,supervised,land cover,prediction,map</source>
        <translation>分类,监督分类,土地覆盖,预测,地图</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>Image</source>
        <translation>影像</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>Bands like those that the classifier was taught with.</source>
        <translation>波段须与训练分类器时相同。</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>Class map</source>
        <translation>分类图</translation>
    </message>
    <message>
        <location filename="../../algorithms/classifymany.py"/>
        <source>Classify many images</source>
        <translation>对多幅影像分类</translation>
    </message>
    <message>
        <location filename="../../algorithms/classifymany.py"/>
        <source>Map each of many images with a taught classifier, which is loaded once.</source>
        <translation>用训练好的分类器对多幅影像逐一制图，分类器只加载一次。</translation>
    </message>
    <message>
        <location filename="../../algorithms/cluster.py"/>
        <source>Group similar places</source>
        <translation>相似位置分组</translation>
    </message>
    <message>
        <location filename="../../algorithms/cluster.py"/>
        <source>Divide an image into clusters that look alike, without any labels.</source>
        <translation>无需标注，将影像分为外观相似的聚类。</translation>
    </message>
    <message>
        <location filename="../../algorithms/cluster.py"/>
        <source>clustering,unsupervised,k-means,isodata,segments</source>
        <translation>聚类,非监督分类,k-means,k均值,isodata,分割</translation>
    </message>
    <message>
        <location filename="../../algorithms/cluster.py"/>
        <source>Number of clusters</source>
        <translation>聚类数</translation>
    </message>
    <message>
        <location filename="../../algorithms/cluster.py"/>
        <source>One or more layers of the same place.</source>
        <translation>同一地点的一个或多个图层。</translation>
    </message>
    <message>
        <location filename="../../algorithms/cluster.py"/>
        <source>Clusters</source>
        <translation>聚类</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>Accept change {}: {}</source>
        <translation>接受变化 {}：{}</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>{} cannot be edited.</source>
        <translation>无法编辑 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>It, its file or your rights may be read-only: save it as a layer of your own.</source>
        <translation>图层、其文件或您的权限可能是只读：请另存为自己的图层。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>{} takes no new fields.</source>
        <translation>{} 不接受新字段。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>Go on without fields of provenance.</source>
        <translation>不加来源字段继续。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>Add fields of provenance</source>
        <translation>添加来源字段</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>{} did not take the edit.</source>
        <translation>{} 未接受此编辑。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>It may lack the right to add, change or delete features.</source>
        <translation>可能没有添加、更改或删除要素的权限。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>The feature is of another class now: {}.</source>
        <translation>该要素现在是另一类别：{}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>The field {} does not allow it: {}.</source>
        <translation>字段 {} 不允许：{}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>Give the field a default value, or make this edit by hand.</source>
        <translation>请给该字段设默认值，或手动编辑。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>GeoFM, change {} to {}</source>
        <translation>GeoFM，{} 至 {} 的变化</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>{}, magnitude {}</source>
        <translation>{}，幅度 {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>The field {} holds no dates or texts.</source>
        <translation>字段 {} 不是日期或文本。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>Choose a field of dates or of text.</source>
        <translation>请选择日期或文本字段。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_calls.py"/>
        <source>Edits need a layer, not a path: its edit session is where they are kept until you save.</source>
        <translation>编辑需要图层而非路径：保存之前，编辑保留在其编辑会话中。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_calls.py"/>
        <source>Open it with QgsVectorLayer(path, name).</source>
        <translation>请用 QgsVectorLayer(path, name) 打开。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_calls.py"/>
        <source>The condition cannot be understood: {}</source>
        <translation>无法理解该条件：{}</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_classes.py"/>
        <source>The field {} cannot hold the class {}.</source>
        <translation>字段 {} 无法保存类别 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_classes.py"/>
        <source>Name the codes of the classes in the field&apos;s form (Value Map), or in the legend.</source>
        <translation>请在字段表单（值映射）或图例中为类别代码命名。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_classes.py"/>
        <source>{} is too long for the field {}.</source>
        <translation>{} 对字段 {} 来说太长。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_classes.py"/>
        <source>{} has no field {}.</source>
        <translation>{} 没有字段 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_classes.py"/>
        <source>Its fields are: {}.</source>
        <translation>其字段有：{}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_classes.py"/>
        <source>{} is a joined or computed field, which cannot be edited here.</source>
        <translation>{} 是连接或计算字段，不能在此编辑。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_classes.py"/>
        <source>Choose a field of the layer itself.</source>
        <translation>请选择图层自身的字段。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_matching.py"/>
        <source>The feature is gone.</source>
        <translation>该要素已不存在。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_matching.py"/>
        <source>The feature has another shape now.</source>
        <translation>该要素的形状已改变。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_matching.py"/>
        <source>The feature has another shape now: it no longer holds the whole part.</source>
        <translation>该要素的形状已改变：不再包含整个部分。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_matching.py"/>
        <source>There is a feature now where one was to be added.</source>
        <translation>要添加要素的位置现在已有要素。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_proposals.py"/>
        <source>Its class is not known.</source>
        <translation>其类别未知。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_proposals.py"/>
        <source>{} % of the feature changed.</source>
        <translation>该要素有 {} % 发生变化。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_reading.py"/>
        <source>{} cannot be edited as it is opened here; proposals are made all the same.</source>
        <translation>{} 以当前方式打开无法编辑；仍会给出建议。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_reading.py"/>
        <source>{} is filtered: places of features that the filter hides count as free.</source>
        <translation>{} 已过滤：被过滤隐藏的要素所在位置视为空白。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_session.py"/>
        <source>The edit was saved with the layer.</source>
        <translation>此编辑已随图层保存。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_session.py"/>
        <source>Change the feature by hand.</source>
        <translation>请手动更改该要素。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_session.py"/>
        <source>Other edits were made after it.</source>
        <translation>此后还有其他编辑。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_session.py"/>
        <source>Undo those first (Ctrl+Z with the layer active).</source>
        <translation>请先撤销那些编辑（激活图层后按 Ctrl+Z）。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_session.py"/>
        <source>{} holds no proposed edits.</source>
        <translation>{} 不含建议的编辑。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_session.py"/>
        <source>Run geofm:proposeedits first.</source>
        <translation>请先运行 geofm:proposeedits。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_styles.py"/>
        <source>Retire</source>
        <translation>停用</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_styles.py"/>
        <source>Split</source>
        <translation>切分</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_styles.py"/>
        <source>Reclass</source>
        <translation>改类</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_styles.py"/>
        <source>Accepted</source>
        <translation>已接受</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_styles.py"/>
        <source>Rejected</source>
        <translation>已拒绝</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>add {}</source>
        <translation>添加 {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>retire {}</source>
        <translation>停用 {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>split: {}</source>
        <translation>切分：{}</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>{} to {}</source>
        <translation>{} 变为 {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>unknown</source>
        <translation>未知</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>The proposals cannot be written to {}.</source>
        <translation>无法将建议写入 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>What was decided could not be written to {}.</source>
        <translation>无法将决定写入 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>The file may be read-only, or another program may be writing to it.</source>
        <translation>文件可能是只读，或其他程序正在写入。</translation>
    </message>
    <message>
        <location filename="../../algorithms/embed.py"/>
        <source>Compute features</source>
        <translation>计算特征</translation>
    </message>
    <message>
        <location filename="../../algorithms/embed.py"/>
        <source>Write what a foundation model sees at each place as a raster of features.</source>
        <translation>将基础模型在每个位置所见写成特征栅格。</translation>
    </message>
    <message>
        <location filename="../../algorithms/embed.py"/>
        <source>embedding,embeddings,encoder,foundation model,galileo</source>
        <translation>嵌入,特征,embedding,编码器,基础模型,galileo</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>{} has no file that the engine can read as it is shown; {} x {} pixels are copied first.</source>
        <translation>{} 没有引擎可按显示方式读取的文件；先复制 {} x {} 像元。</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>{} is a web map without pixels of its own.</source>
        <translation>{} 是网络地图，没有自己的像元。</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>Choose an extent to work in.</source>
        <translation>请选择工作范围。</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>The extent lies outside of {}.</source>
        <translation>该范围在 {} 之外。</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>The copy of {} would have {} million pixels.</source>
        <translation>{} 的副本将有 {} 百万像元。</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>Choose a smaller extent or a coarser RESOLUTION.</source>
        <translation>请选择更小的范围或更粗的 RESOLUTION。</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>The server of {} did not answer: {}.</source>
        <translation>{} 的服务器没有响应：{}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>Check the address and the connection, then run it again.</source>
        <translation>请检查地址和网络连接，然后再次运行。</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>The pixels of {} could not be copied to a file.</source>
        <translation>无法将 {} 的像元复制到文件。</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>Export the layer to a GeoTIFF yourself and use that.</source>
        <translation>请自行将图层导出为 GeoTIFF 后使用。</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>The pixels of {} cannot be read.</source>
        <translation>无法读取 {} 的像元。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_layer.py"/>
        <source>There is a file {} already.</source>
        <translation>文件 {} 已存在。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_layer.py"/>
        <source>{} holds no labels of GeoFM.</source>
        <translation>{} 不含 GeoFM 的标注。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_layer.py"/>
        <source>Add it to the project and import its features as labels.</source>
        <translation>请将其加入项目，并把要素导入为标注。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_layer.py"/>
        <source>Labels: points</source>
        <translation>标注：点</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_layer.py"/>
        <source>Labels: areas</source>
        <translation>标注：面</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_layer.py"/>
        <source>There is no class with the value {}.</source>
        <translation>没有值为 {} 的类别。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_schema.py"/>
        <source>No label file can be made in {}.</source>
        <translation>无法在 {} 中创建标注文件。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_schema.py"/>
        <source>Choose another folder.</source>
        <translation>请选择其他文件夹。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>These labels have no place on Earth.</source>
        <translation>这些标注在地球上没有位置。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>Set the coordinate system of the image, then label it.</source>
        <translation>请先设置影像的坐标系，再标注。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} labels are new in {}, which holds {} now.</source>
        <translation>{1} 中新增 {0} 个标注，现共有 {2} 个。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>Without a coordinate system no label can be found again.</source>
        <translation>没有坐标系就无法再找到标注。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>The scene has no place in the library.</source>
        <translation>该影像在标注库中没有位置。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} labels of {} classes from {}.</source>
        <translation>来自 {2} 的 {0} 个标注，{1} 个类别。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} without a shape</source>
        <translation>{} 个没有形状</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} without a class</source>
        <translation>{} 个没有类别</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} outside the coordinate system</source>
        <translation>{} 个在坐标系范围之外</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} lines</source>
        <translation>{} 条线</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} of another or no date</source>
        <translation>{} 个日期不同或没有日期</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} that are here already</source>
        <translation>{} 个已在此处</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} Left out: {}.</source>
        <translation>{} 已略过：{}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_styles.py"/>
        <source>no class</source>
        <translation>无类别</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>The label file {} is gone.</source>
        <translation>标注文件 {} 已不存在。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>Choose another one.</source>
        <translation>请选择其他文件。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>There is no room on the disk for labels in {}.</source>
        <translation>磁盘上没有空间在 {} 中保存标注。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>Nothing of the file was changed. Make room, or choose a file elsewhere.</source>
        <translation>文件未作任何更改。请腾出空间，或选择其他位置的文件。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>Another program is writing to {}.</source>
        <translation>其他程序正在写入 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>Try again when it has ended.</source>
        <translation>请在其结束后重试。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>The labels in {} cannot be read.</source>
        <translation>无法读取 {} 中的标注。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>The labels in {} cannot be changed.</source>
        <translation>无法更改 {} 中的标注。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>The file or its folder may be read-only: choose a file elsewhere.</source>
        <translation>文件或其文件夹可能是只读：请选择其他位置的文件。</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>A map holds no more than {} classes.</source>
        <translation>一幅地图最多 {} 个类别。</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>The layer {} is not a readable raster.</source>
        <translation>图层 {} 不是可读的栅格。</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>(none)</source>
        <translation>（无）</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>Check its data source in the layer&apos;s properties.</source>
        <translation>请在图层属性中检查其数据源。</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>scale</source>
        <translation>比例因子</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>offset</source>
        <translation>偏移量</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>{} is not a date.</source>
        <translation>{} 不是日期。</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>Write it as year-month-day: 2024-07-31.</source>
        <translation>请写成 年-月-日：2024-07-31。</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>The {} {} of the layer {} is not a number.</source>
        <translation>图层 {2} 的{0} {1} 不是数字。</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>BANDS describes {} layers, but there are {}.</source>
        <translation>BANDS 描述了 {} 个图层，但实际有 {} 个。</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>Separate the layers by ; and leave a part empty where the file says it itself.</source>
        <translation>用 ; 分隔图层；文件自身已说明的部分留空。</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>{} bands are named, but the layer {} has {}.</source>
        <translation>给出了 {} 个波段名，但图层 {} 有 {} 个。</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>Name every band in the layer&apos;s order, with - for one that has no known identity.</source>
        <translation>请按图层顺序给出每个波段的名称，未知波段写 -。</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Images</source>
        <translation>影像</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Each is mapped on its own.</source>
        <translation>每幅单独制图。</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Folder of the maps</source>
        <translation>地图文件夹</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Open the maps when they are done</source>
        <translation>完成后打开地图</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Maps</source>
        <translation>地图</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Images mapped</source>
        <translation>已制图的影像数</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Images that could not be mapped</source>
        <translation>未能制图的影像数</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Why they could not, one a line</source>
        <translation>未能制图的原因，每行一个</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>No image was given.</source>
        <translation>没有给出影像。</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>INPUTS needs at least one raster layer.</source>
        <translation>INPUTS 至少需要一个栅格图层。</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>{} of {} images are mapped.</source>
        <translation>已完成 {} / {} 幅影像的制图。</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Image {} of {}: {}</source>
        <translation>第 {} 幅影像，共 {} 幅：{}</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>image</source>
        <translation>影像</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>The first {} images&apos; maps are opened; the others are in {}.</source>
        <translation>已打开前 {} 幅影像的地图；其余在 {} 中。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>A model of the catalogue by its id, or the path of a card or ONNX file.</source>
        <translation>目录中模型的标识，或模型卡或 ONNX 文件的路径。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>False alarms, in percent of the unchanged ground</source>
        <translation>误报率，占未变化地面的百分比</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>A file that “Train a classifier” or the page Teach wrote.</source>
        <translation>由“训练分类器”或“训练”页写出的文件。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Extent to work in</source>
        <translation>工作范围</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Empty for the whole image. The result covers whole pixels around it.</source>
        <translation>留空为整幅影像。结果覆盖其周围的完整像元。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Area to work in (polygons)</source>
        <translation>工作区域（多边形）</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Only pixels whose centre lies in a polygon are computed; the rest is left without data.</source>
        <translation>只计算中心落在多边形内的像元；其余为无数据。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>auto takes the GPU if it is usable, of several the one with the most free memory; cuda:0, cuda:1 and so on are one of them. The log says which was used, and why.</source>
        <translation>auto 在 GPU 可用时使用 GPU，有多个时取可用显存最多的一个；cuda:0、cuda:1 等指定其中之一。日志会说明所用设备及原因。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Band names, where the layers do not tell them</source>
        <translation>波段名称（图层未说明时）</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Names in the layers&apos; order (B02,B03,B04,B08), - for an unknown band, ; between layers; or one of: {}.</source>
        <translation>按图层顺序的名称（B02,B03,B04,B08），未知波段写 -，图层之间用 ;；或下列之一：{}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Scale to reflectance, where the layers do not tell it</source>
        <translation>换算为反射率的比例因子（图层未说明时）</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Stored numbers times this are reflectance: 0.0001.</source>
        <translation>存储值乘以此数为反射率：0.0001。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Offset of reflectance, where the layers do not tell it</source>
        <translation>反射率的偏移量（图层未说明时）</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Added after the scale: -0.1 for Sentinel-2 products of 2022 and later.</source>
        <translation>缩放后加上此数：2022 年及以后的 Sentinel-2 产品为 -0.1。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Grid of several layers</source>
        <translation>多个图层的格网</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>That of the first layer, or of the finest: the one with the smallest pixels on the ground.</source>
        <translation>采用第一个图层的格网，或最精细图层的：地面像元最小的图层。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Pixel size of layers that are no files</source>
        <translation>非文件图层的像元大小</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Of web maps (XYZ, WMS) and coverage services, in the units of their coordinate system. Empty: like the first file among the layers, else their own.</source>
        <translation>用于网络地图（XYZ、WMS）和覆盖服务（WCS），以其坐标系的单位表示。留空：同图层中的第一个文件，否则为其自身大小。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Kept of the samples</source>
        <translation>保留的样本内容</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>places keeps them with where, when and by whom they were labelled; features keeps no more than teaching on needs; with nothing nobody can go on teaching.</source>
        <translation>places 保留样本及其标注的地点、时间和标注者；features 只保留继续训练所需的内容；nothing 则无法继续训练。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Side of the blocks left out to measure the accuracy, in metres</source>
        <translation>测量精度时留出的区块边长（米）</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Samples of one block are left out together. Empty: as wide as the image is alike there.</source>
        <translation>同一区块内的样本一起留出。留空：取影像在该处保持相似的宽度。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Tell what each layer was good for</source>
        <translation>说明每个图层的作用</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Measures the accuracy again with each layer left out, and how much of the difference is chance. Takes about as long again for each of them.</source>
        <translation>依次去掉每个图层重新测量精度，并给出差异中有多少属偶然。每个图层约需再花同样长的时间。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Year-month-day. Some models use the season.</source>
        <translation>年-月-日。有些模型会使用季节信息。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Date of the image</source>
        <translation>影像日期</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Call unknown what is less sure than, in percent</source>
        <translation>把握低于此百分比时称为未知</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Call unknown what is unlike anything labelled</source>
        <translation>与任何标注都不相似时称为未知</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>0 gives every pixel the likeliest class.</source>
        <translation>0 表示每个像元都取最可能的类别。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>There a classifier can only guess, however sure it says it is.</source>
        <translation>无论分类器自称多有把握，那里都只是猜测。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Smallest polygon, in square metres</source>
        <translation>最小多边形（平方米）</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Smaller ones become part of what surrounds them. The raster stays as it is.</source>
        <translation>更小的并入周围。栅格保持不变。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Tolerance of the polygons&apos; borders, in pixels</source>
        <translation>多边形边界容差（像元）</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>0 keeps the edges of the pixels; 2 rounds their steps off. Neighbours keep common borders.</source>
        <translation>0 保留像元边缘；2 磨去台阶。相邻多边形保持公共边界。</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>The maps are called after the images; maps of an earlier run are replaced.</source>
        <translation>地图以影像命名；以前运行的地图会被替换。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Propose edits from changes</source>
        <translation>由变化建议编辑</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Turn changed places into proposed edits of a layer: add, retire, split, reclass.</source>
        <translation>将变化位置转为对图层的编辑建议：添加、停用、切分、改类。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>update,geodatabase,edit,review,parcels,land cover,accept,reject</source>
        <translation>更新,地理数据库,编辑,审查,地块,土地覆盖,接受,拒绝</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Edits proposed: {}</source>
        <translation>建议的编辑：{}</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>The polygons of a change run, or any others that say what is there now.</source>
        <translation>变化检测得到的多边形，或任何说明现状的多边形。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Their field with the new class</source>
        <translation>其新类别字段</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Empty: to_class, where they have it.</source>
        <translation>留空：to_class（如有）。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Layer to update</source>
        <translation>要更新的图层</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>It is only read: edits are made when you accept them.</source>
        <translation>只读取：接受建议时才会编辑。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Its field with the class</source>
        <translation>其类别字段</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Empty: features are only added, cut and retired.</source>
        <translation>留空：只添加、切分和停用要素。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Its field for the date of retirement</source>
        <translation>其停用日期字段</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Features with a value there are past. Empty: what is retired is deleted.</source>
        <translation>该字段有值的要素已停用。留空：停用的要素将被删除。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>A feature changed as a whole from, in percent</source>
        <translation>变化达到此百分比时视为要素整体变化</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Where less of it changed, that part is cut off.</source>
        <translation>变化不足此比例时，只切出该部分。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Smallest part to cut off or add, in square metres</source>
        <translation>切出或添加的最小部分（平方米）</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Empty: a quarter of the smallest changed place. It keeps slivers at borders out.</source>
        <translation>留空：最小变化位置的四分之一。可避免边界处的碎片。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Classes that the layer has no features of</source>
        <translation>该图层没有要素的类别</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>What becomes one of them is retired. Names with commas between.</source>
        <translation>变为其中之一的要素将停用。名称用逗号分隔。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>{} has no geometries.</source>
        <translation>{} 没有几何。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Choose a layer of polygons, lines or points.</source>
        <translation>请选择多边形、线或点图层。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Proposals cannot be written to {}.</source>
        <translation>无法将建议写入 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>The file&apos;s name must end with .gpkg.</source>
        <translation>文件名必须以 .gpkg 结尾。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>{} holds what is to be read, and would be replaced.</source>
        <translation>{} 含有要读取的内容，会被替换。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Give the proposals a file of their own.</source>
        <translation>请为建议指定单独的文件。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>The layer to update cannot be read.</source>
        <translation>无法读取要更新的图层。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>The changed places cannot be read.</source>
        <translation>无法读取变化位置。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Choose a layer of polygons.</source>
        <translation>请选择多边形图层。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>{} changed places have no area in the layer&apos;s coordinate system.</source>
        <translation>{} 个变化位置在该图层的坐标系中没有面积。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>There are no changed places.</source>
        <translation>没有变化位置。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>If only selected ones are to be used, select some.</source>
        <translation>如果只使用选中的，请先选择一些。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>{} edits of {} are proposed: {}</source>
        <translation>已为 {1} 建议 {0} 个编辑：{2}</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>{} parts of less than {} square metres were left alone.</source>
        <translation>{} 个小于 {} 平方米的部分未作处理。</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>{} changed places lie on no feature; only layers of polygons get new ones.</source>
        <translation>{} 个变化位置不在任何要素上；只有多边形图层会添加新要素。</translation>
    </message>
    <message>
        <location filename="../../algorithms/provider.py"/>
        <source>GeoFM - foundation models for maps</source>
        <translation>GeoFM - 用于制图的基础模型</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>{} cannot be opened as a raster.</source>
        <translation>无法将 {} 作为栅格打开。</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>It holds several datasets; choose one, such as {}.</source>
        <translation>其中有多个数据集；请选择一个，例如 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>Give the name of a raster layer or the path of a raster file.</source>
        <translation>请给出栅格图层的名称或栅格文件的路径。</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>{} of the layers of {} cannot be opened.</source>
        <translation>{1} 的图层中有 {0} 个无法打开。</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>{} names no raster layer.</source>
        <translation>{} 不是栅格图层。</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>Choose at least one raster layer; a path must lead to a raster file.</source>
        <translation>请至少选择一个栅格图层；路径必须指向栅格文件。</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>The extent has no area.</source>
        <translation>该范围没有面积。</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>Draw or type a larger one.</source>
        <translation>请绘制或输入更大的范围。</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>{} cannot be written to {}.</source>
        <translation>无法将 {} 写入 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>Its file name must end with {}.</source>
        <translation>其文件名必须以 {} 结尾。</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source> or </source>
        <translation> 或 </translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Pixels whose class changed</source>
        <translation>类别改变的像元数</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Ground whose class changed, in square metres</source>
        <translation>类别改变的面积（平方米）</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Refine a map by what is known</source>
        <translation>按已知信息修正地图</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Rules and priors applied to a map of classes; a second raster says what changed.</source>
        <translation>对分类图应用规则和先验；另一个栅格说明改变了什么。</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>rules,prior,knowledge,expression,post-processing,correct,slope,bayes</source>
        <translation>规则,先验,知识,表达式,后处理,修正,坡度,贝叶斯</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>As Classify writes it: for priors, and for rules that do not say what a class becomes.</source>
        <translation>由“分类”写出：用于先验，以及未指定类别变为什么的规则。</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Date of the map</source>
        <translation>地图日期</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>What changed the map</source>
        <translation>地图改变的原因</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Table of changes</source>
        <translation>变化表</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>{} helper layers have {} names.</source>
        <translation>{} 个辅助图层有 {} 个名称。</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Give one name for each, separated by commas, or none to take those of the layers.</source>
        <translation>请为每个图层给出一个名称，用逗号分隔；或不填，使用图层的名称。</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Two helper layers are called {}.</source>
        <translation>有两个辅助图层名为 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Rename one of the layers, or give names in HELPER_NAMES.</source>
        <translation>请重命名其中一个图层，或在 HELPER_NAMES 中给出名称。</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>The prior cannot be read.</source>
        <translation>无法读取先验。</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Choose a raster with one band a class, or polygons.</source>
        <translation>请选择每类一个波段的栅格，或多边形。</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Becomes</source>
        <translation>变为</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Rules</source>
        <translation>规则</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>A class that is not, or becomes another one, where a condition holds: an expression over the helper layers and the columns class, value, confidence and date. An empty Becomes takes the next most probable class that is allowed; an empty Class means every class.</source>
        <translation>满足条件处不可能存在或应变为另一类的类别：条件是关于辅助图层以及列 class、value、confidence 和 date 的表达式。“变为”留空则取允许的类别中概率次高者；“类别”留空表示所有类别。</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Layers that rules look at</source>
        <translation>规则所用的图层</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Rasters of any grid. Conditions name them: dem for the first band, dem@2 for the second, dem@slope for how steep it is, in degrees.</source>
        <translation>格网不限的栅格。条件中这样引用：dem 为第一个波段，dem@2 为第二个，dem@slope 为坡度（度）。</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Prior of the classes</source>
        <translation>类别的先验</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>How probable classes are at a place: a raster with one band a class, or polygons with a field for each class or one that names a class.</source>
        <translation>某位置各类别的可能性：每类一个波段的栅格，或每类一个字段、或有一个类别名称字段的多边形。</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Field of the prior that names a class</source>
        <translation>先验中给出类别名称的字段</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Of polygons. Empty: they have a field for each class, named after it.</source>
        <translation>用于多边形。留空：每个类别有一个以其命名的字段。</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Field with the probability of that class</source>
        <translation>该类别的概率字段</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>From 0 to 1 or in percent; the other classes share the rest. Empty: certain.</source>
        <translation>0 到 1 或百分比；其余由其他类别平分。留空：确定。</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Weight of the prior</source>
        <translation>先验的权重</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Its exponent: 1 takes it as it is, 0.5 half as seriously, 0 not at all.</source>
        <translation>其指数：1 为原样，0.5 为一半，0 为不使用。</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>A prior of 0 means never</source>
        <translation>先验为 0 表示绝不可能</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Else a class keeps a hundredth, so that clear evidence can still win.</source>
        <translation>否则类别保留百分之一，使明确的证据仍可胜出。</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Names of these layers</source>
        <translation>这些图层的名称</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Separated by commas, in their order. Empty: the names of the layers.</source>
        <translation>按顺序，用逗号分隔。留空：图层的名称。</translation>
    </message>
    <message>
        <location filename="../../algorithms/regress.py"/>
        <source>Measure with a ready-made model</source>
        <translation>用现成模型测量</translation>
    </message>
    <message>
        <location filename="../../algorithms/regress.py"/>
        <source>Map the numbers that a trained network gives, such as heights or shares of cover.</source>
        <translation>绘制训练好的网络给出的数值，如高度或覆盖比例。</translation>
    </message>
    <message>
        <location filename="../../algorithms/regress.py"/>
        <source>regression,height,biomass,yield,onnx,deep learning</source>
        <translation>回归,高度,生物量,产量,onnx,深度学习</translation>
    </message>
    <message>
        <location filename="../../algorithms/reviewsamples.py"/>
        <source>Labels that look wrong</source>
        <translation>看似有误的标注</translation>
    </message>
    <message>
        <location filename="../../algorithms/reviewsamples.py"/>
        <source>Labels there are</source>
        <translation>标注总数</translation>
    </message>
    <message>
        <location filename="../../algorithms/reviewsamples.py"/>
        <source>Review labels</source>
        <translation>审查标注</translation>
    </message>
    <message>
        <location filename="../../algorithms/reviewsamples.py"/>
        <source>Find the labels of a classifier that look like mistakes.</source>
        <translation>找出分类器样本中看似有误的标注。</translation>
    </message>
    <message>
        <location filename="../../algorithms/reviewsamples.py"/>
        <source>samples,training,labels,mistakes,outliers,cleaning</source>
        <translation>样本,训练,标注,错误,异常值,清理</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>The table of rules has {} cells, which are no whole rows of {}.</source>
        <translation>规则表有 {} 个单元格，不能构成每行 {} 个的完整行。</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>Each rule is a class, a condition and what it becomes; leave empty what is not needed.</source>
        <translation>每条规则包括类别、条件和变为什么；不需要的留空。</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>It has no condition.</source>
        <translation>它没有条件。</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>Write one, such as {}.</source>
        <translation>请写一个，例如 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>{} is no expression: {}</source>
        <translation>{} 不是表达式：{}</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>Layers and columns stand in double quotes, texts in single ones: {}.</source>
        <translation>图层和列用双引号，文本用单引号：{}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>the operator {}</source>
        <translation>运算符 {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>the function {}</source>
        <translation>函数 {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>Rules cannot use true and false.</source>
        <translation>规则不能使用 true 和 false。</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>Write 1 for what always holds.</source>
        <translation>恒成立时请写 1。</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>There is no layer or column {}.</source>
        <translation>没有图层或列 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>Known are: {}. Texts stand in single quotes.</source>
        <translation>已知的有：{}。文本用单引号。</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>Rules cannot use {}.</source>
        <translation>规则不能使用{}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>They have comparisons, arithmetic, AND, OR, NOT, IN, CASE, IS NULL and the functions {}.</source>
        <translation>可用比较、算术、AND、OR、NOT、IN、CASE、IS NULL 以及函数 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/samples.py"/>
        <source>The area cannot be read.</source>
        <translation>无法读取区域。</translation>
    </message>
    <message>
        <location filename="../../algorithms/samples.py"/>
        <source>The samples cannot be read.</source>
        <translation>无法读取样本。</translation>
    </message>
    <message>
        <location filename="../../algorithms/samples.py"/>
        <source>Choose a layer of points or polygons.</source>
        <translation>请选择点或多边形图层。</translation>
    </message>
    <message>
        <location filename="../../algorithms/samples.py"/>
        <source>{} has no polygons to work in.</source>
        <translation>{} 没有可用于工作的多边形。</translation>
    </message>
    <message>
        <location filename="../../algorithms/samples.py"/>
        <source>{} has no features.</source>
        <translation>{} 没有要素。</translation>
    </message>
    <message>
        <location filename="../../algorithms/samples.py"/>
        <source>If only selected features are to be used, select some.</source>
        <translation>如果只使用选中的要素，请先选择一些。</translation>
    </message>
    <message>
        <location filename="../../algorithms/samples.py"/>
        <source>The features cannot be written to {}.</source>
        <translation>无法将要素写入 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/segment.py"/>
        <source>Map with a ready-made model</source>
        <translation>用现成模型制图</translation>
    </message>
    <message>
        <location filename="../../algorithms/segment.py"/>
        <source>Map the classes that a trained network knows, such as clouds and their shadows.</source>
        <translation>绘制训练好的网络所识别的类别，如云及云影。</translation>
    </message>
    <message>
        <location filename="../../algorithms/segment.py"/>
        <source>segmentation,semantic,clouds,cloud mask,onnx,deep learning</source>
        <translation>分割,语义分割,云,云掩膜,onnx,深度学习</translation>
    </message>
    <message>
        <location filename="../../algorithms/segmentmany.py"/>
        <source>Map many images with a ready-made model</source>
        <translation>用现成模型对多幅影像制图</translation>
    </message>
    <message>
        <location filename="../../algorithms/segmentmany.py"/>
        <source>Map each of many images; the model is loaded once.</source>
        <translation>对多幅影像逐一制图；模型只加载一次。</translation>
    </message>
    <message>
        <location filename="../../algorithms/series.py"/>
        <source>{} files do not say their date in metadata or name and were left out: {}.</source>
        <translation>{} 个文件的元数据和名称中没有日期，已略过：{}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/series.py"/>
        <source>No raster in the folder {} says its date.</source>
        <translation>文件夹 {} 中没有含日期的栅格。</translation>
    </message>
    <message>
        <location filename="../../algorithms/series.py"/>
        <source>Put the date into the files&apos; names, such as S2_20240731.tif, or give layers with dates.</source>
        <translation>请把日期写入文件名，如 S2_20240731.tif，或提供带日期的图层。</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Model: {}</source>
        <translation>模型：{}</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Device: {}. {}</source>
        <translation>设备：{}。{}</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Threshold: {}. {}</source>
        <translation>阈值：{}。{}</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>{} pixels in {}, {} a second.</source>
        <translation>{} 像元，用时 {}，每秒 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>About {} left.</source>
        <translation>剩余约 {}。</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Starting the engine</source>
        <translation>正在启动引擎</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Fetching the model&apos;s weights</source>
        <translation>正在获取模型权重</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Loading the model</source>
        <translation>正在加载模型</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Getting to know the image</source>
        <translation>正在了解影像</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Getting to know the differences</source>
        <translation>正在了解差异</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Taking a sample of the image</source>
        <translation>正在对影像抽样</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Reading the samples</source>
        <translation>正在读取样本</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Encoding</source>
        <translation>正在编码</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Learning</source>
        <translation>正在学习</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Checking the accuracy</source>
        <translation>正在检查精度</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Computing features</source>
        <translation>正在计算特征</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Mapping</source>
        <translation>正在制图</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Measuring</source>
        <translation>正在测量</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Refining</source>
        <translation>正在细化</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Comparing</source>
        <translation>正在比较</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Comparing the dates</source>
        <translation>正在比较两期影像</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Marking the changes</source>
        <translation>正在标记变化</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Looking for the classes</source>
        <translation>正在查找类别</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Applying what is known</source>
        <translation>正在应用知识</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Counting what changed</source>
        <translation>正在统计变化</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Drawing polygons</source>
        <translation>正在绘制多边形</translation>
    </message>
    <message>
        <location filename="../../algorithms/similarity.py"/>
        <source>Find similar places</source>
        <translation>查找相似位置</translation>
    </message>
    <message>
        <location filename="../../algorithms/similarity.py"/>
        <source>Map how much each place looks like a few examples.</source>
        <translation>绘制每个位置与少数样例的相似程度。</translation>
    </message>
    <message>
        <location filename="../../algorithms/similarity.py"/>
        <source>similarity,search,examples,few-shot,embedding</source>
        <translation>相似度,搜索,样例,少样本,嵌入</translation>
    </message>
    <message>
        <location filename="../../algorithms/similarity.py"/>
        <source>Examples (points or polygons)</source>
        <translation>样例（点或多边形）</translation>
    </message>
    <message>
        <location filename="../../algorithms/similarity.py"/>
        <source>Places that show what is looked for; one is enough.</source>
        <translation>显示所找目标的位置；一个即可。</translation>
    </message>
    <message>
        <location filename="../../algorithms/styles.py"/>
        <source>unchanged</source>
        <translation>未变化</translation>
    </message>
    <message>
        <location filename="../../algorithms/styles.py"/>
        <source>{} (threshold)</source>
        <translation>{}（阈值）</translation>
    </message>
    <message>
        <location filename="../../algorithms/styles.py"/>
        <source>not checked yet</source>
        <translation>尚未检查</translation>
    </message>
    <message>
        <location filename="../../algorithms/styles.py"/>
        <source>Made by GeoFM {} with the model {}.</source>
        <translation>由 GeoFM {} 使用模型 {} 制作。</translation>
    </message>
    <message>
        <location filename="../../algorithms/styles.py"/>
        <source>Made by GeoFM {}.</source>
        <translation>由 GeoFM {} 制作。</translation>
    </message>
    <message>
        <location filename="../../algorithms/styles.py"/>
        <source>Computed on {}: {}</source>
        <translation>计算设备 {}：{}</translation>
    </message>
    <message>
        <location filename="../../algorithms/styles.py"/>
        <source>The job file that repeats this run: {}</source>
        <translation>可重复此运行的作业文件：{}</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>Places found</source>
        <translation>找到的位置数</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>Suggest places to label</source>
        <translation>建议要标注的位置</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>Find the places whose label would teach a classifier most.</source>
        <translation>找出标注后对分类器最有帮助的位置。</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>active learning,samples,training,labels,uncertainty</source>
        <translation>主动学习,样本,训练,标注,不确定性</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>Number of places</source>
        <translation>位置数</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>They are unlike each other and apart; the first would help most.</source>
        <translation>它们互不相似且彼此分开；第一个最有帮助。</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>That of the samples, or another one.</source>
        <translation>样本所在的影像，或另一幅。</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>Places to label</source>
        <translation>要标注的位置</translation>
    </message>
    <message>
        <location filename="../../algorithms/superresolve.py"/>
        <source>Refine pixels with a ready-made model</source>
        <translation>用现成模型细化像元</translation>
    </message>
    <message>
        <location filename="../../algorithms/superresolve.py"/>
        <source>Draw the image with smaller pixels on the same ground, by a super-resolution network.</source>
        <translation>用超分辨率网络以更小的像元重绘同一地面的影像。</translation>
    </message>
    <message>
        <location filename="../../algorithms/superresolve.py"/>
        <source>super-resolution,superresolution,upscaling,resolution,onnx,deep learning</source>
        <translation>超分辨率,放大,分辨率,onnx,深度学习</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>The label has no class.</source>
        <translation>该标注没有类别。</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>Say it: add(place, &quot;water&quot;).</source>
        <translation>请指定：add(place, &quot;water&quot;)。</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>The place cannot be brought into the image&apos;s coordinate system.</source>
        <translation>无法将该位置转换到影像的坐标系。</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>The labels show fewer than two classes.</source>
        <translation>标注少于两个类别。</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>Add more.</source>
        <translation>请添加更多。</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>There is nothing to show yet.</source>
        <translation>还没有可显示的内容。</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>{} cannot be opened as a vector layer.</source>
        <translation>无法将 {} 作为矢量图层打开。</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>The layer {} says no class.</source>
        <translation>图层 {} 没有说明类别。</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>Name the field that holds it, or the class of all its features.</source>
        <translation>请指定类别所在的字段，或其全部要素的类别。</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>{} is no coordinate system that QGIS knows.</source>
        <translation>{} 不是 QGIS 已知的坐标系。</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>Give EPSG:n or WKT.</source>
        <translation>请给出 EPSG:n 或 WKT。</translation>
    </message>
    <message>
        <location filename="../../algorithms/text.py"/>
        <source>less than 1 s</source>
        <translation>不到 1 秒</translation>
    </message>
    <message>
        <location filename="../../algorithms/text.py"/>
        <source>{} s</source>
        <translation>{} 秒</translation>
    </message>
    <message>
        <location filename="../../algorithms/text.py"/>
        <source>{} min {} s</source>
        <translation>{} 分 {} 秒</translation>
    </message>
    <message>
        <location filename="../../algorithms/text.py"/>
        <source>{} h {} min</source>
        <translation>{} 小时 {} 分</translation>
    </message>
    <message>
        <location filename="../../algorithms/thresholdchange.py"/>
        <source>Set another threshold of change</source>
        <translation>设置另一个变化阈值</translation>
    </message>
    <message>
        <location filename="../../algorithms/thresholdchange.py"/>
        <source>Make mask, polygons and table of a magnitude of change anew, without comparing again.</source>
        <translation>由变化幅度重新生成掩膜、多边形和表，无需重新比较。</translation>
    </message>
    <message>
        <location filename="../../algorithms/thresholdchange.py"/>
        <source>change detection,threshold,magnitude,mask,polygons</source>
        <translation>变化检测,阈值,幅度,掩膜,多边形</translation>
    </message>
    <message>
        <location filename="../../algorithms/thresholdchange.py"/>
        <source>Magnitudes from there on are change. Empty: by false alarms.</source>
        <translation>幅度达到此值即为变化。留空：按误报率。</translation>
    </message>
    <message>
        <location filename="../../algorithms/thresholdchange.py"/>
        <source>What “Detect change” made.</source>
        <translation>由“变化检测”生成。</translation>
    </message>
    <message>
        <location filename="../../algorithms/thresholdchange.py"/>
        <source>In place of a threshold, as for “Detect change”.</source>
        <translation>代替阈值，同“变化检测”。</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Accuracy on samples left out (0 to 1)</source>
        <translation>留出样本的精度（0 到 1）</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Train a classifier</source>
        <translation>训练分类器</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Learn classes from labelled points or polygons.</source>
        <translation>由标注的点或多边形学习类别。</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>training,supervised,few-shot,random forest,labels,land cover</source>
        <translation>训练,监督分类,少样本,随机森林,标注,土地覆盖</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Samples (points or polygons)</source>
        <translation>样本（点或多边形）</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Places whose class is known. Ten of each class are a good start.</source>
        <translation>类别已知的位置。每类十个是不错的开始。</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Texts or whole numbers. Features without a value are left out.</source>
        <translation>文本或整数。没有值的要素不计。</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>ensemble is the most accurate, fast its quick variant; the others are well known ones.</source>
        <translation>ensemble 最准确，fast 是其快速版本；其余为常见方法。</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>GeoFM classifiers (*.geofm)</source>
        <translation>GeoFM 分类器 (*.geofm)</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Accuracy report</source>
        <translation>精度报告</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Classifier to go on teaching</source>
        <translation>要继续训练的分类器</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Its model, classes and samples are taken over, and these samples join them.</source>
        <translation>沿用其模型、类别和样本，并加入这些样本。</translation>
    </message>
    <message>
        <source>All packages with their versions</source>
        <translation type="vanished">所有软件包及其版本</translation>
    </message>
    <message>
        <source>The engine is of another version</source>
        <translation type="vanished">引擎版本不同</translation>
    </message>
    <message>
        <source>Make the engine&apos;s Python anew</source>
        <translation type="vanished">重新创建引擎的 Python</translation>
    </message>
    <message>
        <source>What is there is used; only what is missing is fetched.</source>
        <translation type="vanished">已有的会被使用；只获取缺少的部分。</translation>
    </message>
    <message>
        <source>GeoFM computes in a Python of its own, apart from QGIS, so that it cannot break it. Setting it up downloads some libraries once, into {}.</source>
        <translation type="vanished">GeoFM 在自己的 Python 中计算，与 QGIS 分离，因此不会损坏 QGIS。安装时会下载一次若干库，存放于 {}。</translation>
    </message>
    <message>
        <source>Making an environment</source>
        <translation type="vanished">正在创建环境</translation>
    </message>
</context>
</TS>
